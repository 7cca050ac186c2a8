import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { ByteSource, SiblingFiles } from './byteSource';
import type { Checkpoint } from './checkpoint';
import { CheckpointError } from './checkpointError';
import { openFileSource } from './fileSource';
import { openCheckpoint } from './openCheckpoint';
import { checkSiblingName } from './siblingName';

/** What libraries call the checkpoint in a folder of a model; the index before a shard of it. */
const IN_FOLDER = [
  'model.safetensors.index.json',
  'model.safetensors',
  'diffusion_pytorch_model.safetensors.index.json',
  'diffusion_pytorch_model.safetensors',
  'adapter_model.safetensors',
  'pytorch_model.bin.index.json',
  'pytorch_model.bin',
  'adapter_model.bin',
  'model.weights.h5',
  'model.weights.json',
  'tf_model.h5',
  'model.json',
];

/**
 * Opens a checkpoint on a disk. Its shards are looked for in its folder.
 * @param path of the file, or of a folder with a checkpoint under one of the usual names
 * @param name path as messages show it
 * @throws CheckpointError with file and place
 */
export function openCheckpointFile(path: string, name = path): Checkpoint {
  const inside = nameInFolder(path, name);
  const [file, shown] = inside === null ? [path, name] : [join(path, inside), join(name, inside)];
  return openCheckpoint(openFileSource(file, shown), new FolderFiles(dirname(file), shown));
}

/** Null for what is no folder. */
function nameInFolder(path: string, name: string): string | null {
  if (!isFolder(path)) return null;
  const found = IN_FOLDER.find((each) => existsSync(join(path, each)));
  if (found !== undefined) return found;
  const reason = existsSync(join(path, 'saved_model.pb'))
    ? 'this folder is a TensorFlow SavedModel, which is not read. Save the model as .keras or .weights.h5.'
    : existsSync(join(path, '.metadata'))
      ? 'this folder is a distributed checkpoint of PyTorch, which is not read. Convert it with python -m torch.distributed.checkpoint.format_utils dcp_to_torch.'
      : 'this folder holds no checkpoint under one of the usual names. Name the file.';
  throw new CheckpointError(name, null, reason);
}

/** What cannot be looked at is for who opens it to complain of: a link to itself, say. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

class FolderFiles implements SiblingFiles {
  constructor(
    private readonly folder: string,
    /** The checkpoint that names the siblings, as messages show it. */
    private readonly owner: string,
  ) {}

  open(name: string): ByteSource {
    checkSiblingName(name, this.owner);
    const path = join(this.folder, name);
    return openFileSource(path, join(dirname(this.owner), relative(this.folder, path)));
  }
}
