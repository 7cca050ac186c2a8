/**
 * Goes into every Node process of a run by `--require`, where it only waits for TensorFlow.js:
 * a process that never loads it is left as it was.
 */
import { engineHomes } from '../engines/homes';
import { AddonChooser } from './engine/addonChooser';
import { redirectImports } from './engine/esmResolution';
import { InstalledEngines } from './engine/installedEngines';
import { NodePackages } from './engine/nodePackages';
import { projectOf } from './engine/projectOf';
import { watchForTensorFlow } from './moduleHook';

const runDir = process.env['PERMAFROST_RUN_DIR'];
if (runDir) {
  const engines = new InstalledEngines(engineHomes(projectOf(runDir)));
  const nodePackages = new NodePackages(new AddonChooser(engines));
  watchForTensorFlow(runDir, __dirname, nodePackages);
  if (engines.isAnyThere) {
    nodePackages.redirectResolution();
    nodePackages.redirectLoads();
    redirectImports(nodePackages, __dirname);
  }
}
