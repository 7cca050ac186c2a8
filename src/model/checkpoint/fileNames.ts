/** How checkpoints are called, for looking for them; what a file is, its content tells. package.json repeats them. */
export const ENDINGS: readonly string[] = [
  'safetensors',
  'pt',
  'pth',
  'ckpt',
  'bin',
  'npz',
  'keras',
  'h5',
];
const CHECKPOINT = new RegExp(`\\.(${ENDINGS.join('|')})$`, 'i');
/** What names the shards beside it: safetensors' and PyTorch's index, TensorFlow.js's model, Keras' shards. */
const WITH_SHARDS = /(\.(safetensors|bin)\.index|^model|^model\.weights)\.json$/i;
/** `model-00001-of-00004.safetensors`, `group1-shard1of4.bin`: parts of a checkpoint. */
const SHARD = /-\d+-of-\d+\.\w+$|shard\d+of\d+\b/i;
/** What trainers save beside a model. */
const NO_MODEL = /^(optimizer|scheduler|scaler|rng_state.*|training_args)\.\w+$/i;

/** What libraries call the checkpoint in a folder of its own. */
const USUAL = /^((pytorch|diffusion_pytorch|adapter|tf)_)?model\./i;
/** Which of several, first to last: an index before a shard of it, safetensors before pickles. */
const PREFERRED = [
  /\.safetensors\.index\.json$/i,
  /\.safetensors$/i,
  /\.bin\.index\.json$/i,
  /\.bin$/i,
];

/** A glob over all that {@link checkpointNames} might take, in a folder and below it. */
export const CHECKPOINT_GLOB = `**/{model.json,*.safetensors.index.json,*.bin.index.json,${ENDINGS.map((ending) => `*.${ending}`).join()}}`;

/** Of the names of the files in one folder, those of checkpoints: no shards, no optimizer states. */
export function checkpointNames(names: readonly string[]): readonly string[] {
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

/**
 * Of the names of the files in a folder (`checkpoint-500`, `epoch3`), the one that is the
 * checkpoint it is named for; null when none bears a usual name.
 */
export function checkpointInFolder(names: readonly string[]): string | null {
  const usual = checkpointNames(names).filter((name) => USUAL.test(name));
  const preferred = PREFERRED.flatMap((form) => usual.filter((name) => form.test(name)));
  return preferred[0] ?? usual[0] ?? null;
}
