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
import { usersNodePackages } from './engine/usersPackages';
import { EventSink } from './eventSink';
import { watchForTensorFlow } from './moduleHook';
import { readSettings } from './settings';

const runDir = process.env['PERMAFROST_RUN_DIR'];
if (runDir) {
  const engines = new InstalledEngines(engineHomes(projectOf(runDir)));
  const nodePackages = new NodePackages(new AddonChooser(engines));
  watchForTensorFlow(runDir, __dirname, nodePackages);
  if (engines.isAnyThere) {
    const areInstalled = usersNodePackages().length > 0;
    nodePackages.onUnusable = tellUnusable;
    nodePackages.redirectResolution();
    nodePackages.redirectLoads();
    // Where it needs a thread of its own it costs 50 ms.
    if (!areInstalled) redirectImports(nodePackages, __dirname);
  }
}

function tellUnusable(text: string): void {
  const settings = readSettings(process.env);
  if (settings === null) return;
  new EventSink(settings.events, settings.proc).write({
    type: 'message',
    level: 'warning',
    code: 'engine-missing',
    text,
    advice: 'permafrost engine install puts it in order.',
  });
}
