import { ENGINE_KINDS, type EngineKind } from '../engines/manifest';
import { suggestedKind } from '../engines/status';
import { parseArguments } from './arguments';
import { installCommand } from './engineInstall';
import { removeCommand } from './engineRemove';
import { statusCommand } from './engineStatus';
import { didYouMean } from './nearest';
import { locate } from './project';
import type { Subcommand } from './subcommand';
import { UsageError } from './usageError';

const ACTIONS = ['install', 'status', 'remove'] as const;

const OPTIONS = {
  config: { type: 'string' },
  here: { type: 'boolean' },
  json: { type: 'boolean' },
  plan: { type: 'boolean' },
  python: { type: 'string' },
  try: { type: 'boolean' },
} as const;

export const engineSubcommand: Subcommand = {
  name: 'engine',
  summary: 'install what TensorFlow.js trains fast with, and tell what is there',
  help: `Usage: permafrost engine install [cpu | gpu | webgpu] [--here] [--plan] [--python FILE] [--json]
       permafrost engine status [--try] [--json]
       permafrost engine remove [cpu | gpu | webgpu] [--here]

An engine is what a TensorFlow.js script in Node computes with, in the stead of plain
JavaScript. None of them goes into your node_modules.

  cpu     TensorFlow's library on the CPU, under @tensorflow/tfjs-node-gpu
  gpu     the same with CUDA, for GPUs of NVIDIA
  webgpu  Dawn, for GPUs of NVIDIA, AMD, Intel and Apple

install takes the one that this machine gains most from when none is named. The library
is linked to where your Python environment has tensorflow, else it comes from PyPI by
your pip or uv. It tells the disk need before; Ctrl+C cancels, and the next try goes on
with what was downloaded.

  --here         in .permafrost/engine of the project, else in the cache of the user
  --plan         tell what install would load and need, and do nothing
  --python FILE  the Python whose tensorflow or pip serves
  --try          load each engine and tell what it computes on
  --json         print JSON: one object a line for install, one for status
  --config FILE  the config of the project; permafrost.json in this folder when not given

Exit code: 0; 1 when the engine cannot be installed; 128 and the signal's number when
it was cancelled.
`,
  run,
};

function run(args: readonly string[]): Promise<number> {
  const { values, words } = parseArguments('engine', args, OPTIONS, 2);
  const [action = '', name] = words;
  const { folder } = locate(values.config);
  const { here = false, json = false, plan = false, python } = values;
  switch (action) {
    case 'install':
      return installCommand(kindOf(name), { folder, here, json, plan, python });
    case 'remove':
      return removeCommand(kindOf(name), { folder, here });
    case 'status':
      if (name !== undefined) throw new UsageError('permafrost engine status takes no name.', '');
      return statusCommand(folder, json, values.try ?? false);
    default:
      throw new UsageError(
        action === '' ? 'permafrost engine does what?' : `There is no permafrost engine ${action}.`,
        `${didYouMean(action, ACTIONS)}There are ${ACTIONS.join(', ')}.`,
      );
  }
}

function kindOf(name: string | undefined): EngineKind {
  if (name === undefined) return suggestedKind(process.env);
  const kind = ENGINE_KINDS.find((each) => each === name);
  if (kind !== undefined) return kind;
  throw new UsageError(
    `There is no engine ${name}.`,
    `${didYouMean(name, ENGINE_KINDS)}There are ${ENGINE_KINDS.join(', ')}.`,
  );
}
