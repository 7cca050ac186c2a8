import { dirname, join, relative } from 'node:path';
import type { ByteSource, SiblingFiles } from './byteSource';
import type { Checkpoint } from './checkpoint';
import { CheckpointError } from './checkpointError';
import { openFileSource } from './fileSource';
import { openCheckpoint } from './openCheckpoint';

/**
 * Opens a checkpoint on a disk. Its shards are looked for in its folder.
 * @param name path as messages show it
 * @throws CheckpointError with file and place
 */
export function openCheckpointFile(path: string, name = path): Checkpoint {
  return openCheckpoint(openFileSource(path, name), new FolderFiles(dirname(path), name));
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

/**
 * Refuses a name that leads out of the folder. Links in it are followed: download caches keep
 * their shards behind them.
 * @param owner the checkpoint that names the file
 * @throws CheckpointError
 */
export function checkSiblingName(name: string, owner: string): void {
  const parts = name.split(/[\\/]/);
  const leads = parts.some((part) => part === '..' || part === '') || /^[A-Za-z]:|\0/.test(name);
  if (!leads) return;
  const quoted = JSON.stringify(name.slice(0, 200));
  throw new CheckpointError(owner, null, `it names a file out of its folder: ${quoted}.`);
}
