/**
 * Goes into every Node process of a run by `--require`. Costs nothing where TensorFlow.js is not
 * loaded: it only listens for modules whose name tells.
 */
import { watchModules } from './moduleHook';

if (process.env['PERMAFROST_RUN_DIR']) watchModules(process.env['PERMAFROST_RUN_DIR'], __dirname);
