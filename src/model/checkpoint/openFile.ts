import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { ByteSource, SiblingFiles } from './byteSource';
import type { Checkpoint } from './checkpoint';
import { CheckpointError } from './checkpointError';
import { checkpointInFolder } from './fileNames';
import { openFileSource, whyNot } from './fileSource';
import { openCheckpoint } from './openCheckpoint';
import { checkSiblingName } from './siblingName';

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
  const found = checkpointInFolder(fileNames(path, name));
  if (found !== null) return found;
  const reason = existsSync(join(path, 'saved_model.pb'))
    ? 'this folder is a TensorFlow SavedModel, which is not read. Save the model as .keras or .weights.h5.'
    : existsSync(join(path, '.metadata'))
      ? 'this folder is a distributed checkpoint of PyTorch, which is not read. Convert it with python -m torch.distributed.checkpoint.format_utils dcp_to_torch.'
      : 'this folder holds no checkpoint under one of the usual names. Name the file.';
  throw new CheckpointError(name, null, reason);
}

function fileNames(folder: string, name: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    throw new CheckpointError(name, null, whyNot(error as NodeJS.ErrnoException));
  }
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
