import { readdirSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../usageError';

const CHECKPOINT = /\.(safetensors|pt|pth|ckpt|bin|npz|keras|h5)$/i;
/** What names the shards beside it: safetensors' and PyTorch's index, TensorFlow.js's model. */
const WITH_SHARDS = /(\.(safetensors|bin)\.index|^model)\.json$/i;
/** `model-00001-of-00004.safetensors`, `group1-shard1of4.bin`: parts of a checkpoint. */
const SHARD = /-\d+-of-\d+\.\w+$|shard\d+of\d+\b/i;
/** What libraries call the checkpoint in a folder of its own. */
const USUAL = /^((pytorch|diffusion_pytorch|adapter|tf)_)?model\./i;
/** What trainers save beside a model. */
const NO_MODEL = /^(optimizer|scheduler|scaler|rng_state.*|training_args)\.\w+$/i;

/**
 * The names of the checkpoints in a folder: files, and folders that hold one
 * (`checkpoint-500/model.safetensors`, `epoch3/model.json`).
 * @throws UsageError when it cannot be read
 */
export function checkpointsIn(folder: string): readonly string[] {
  const entries = entriesOf(folder);
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  const nested = folders.filter(({ name }) => {
    const inside = entriesOf(join(folder, name)).filter((entry) => !entry.isDirectory());
    return checkpointNames(inside.map((entry) => entry.name)).some((each) => USUAL.test(each));
  });
  return [...checkpointNames(files), ...nested.map(({ name }) => name)];
}

function checkpointNames(names: readonly string[]): readonly string[] {
  const owners = names.filter((name) => WITH_SHARDS.test(name));
  const tfjs = owners.some((name) => /^model\.json$/i.test(name));
  const alone = names.filter(
    (name) =>
      CHECKPOINT.test(name) &&
      !SHARD.test(name) &&
      !NO_MODEL.test(name) &&
      !(tfjs && /\.bin$/i.test(name)),
  );
  return [...owners, ...alone];
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`Cannot read the folder ${folder} (${String(code)}).`, 'Name the files.');
  }
}
