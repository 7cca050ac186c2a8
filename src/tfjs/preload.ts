/**
 * Goes into every Node process of a run by `--require`, where it only waits for TensorFlow.js:
 * a process that never loads it is left as it was.
 */
import { watchForTensorFlow } from './moduleHook';

const runDir = process.env['PERMAFROST_RUN_DIR'];
if (runDir) watchForTensorFlow(runDir, __dirname);
