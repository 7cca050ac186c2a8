import { dirname, join } from 'node:path';
import type { ByteSource, SiblingFiles } from '../checkpoint/byteSource';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { CheckpointError } from '../checkpoint/checkpointError';
import { MemorySource } from '../checkpoint/memorySource';
import { openCheckpoint } from '../checkpoint/openCheckpoint';
import { openCheckpointFile } from '../checkpoint/openFile';
import { checkSiblingName } from '../checkpoint/siblingName';
import type { CheckpointFile } from './jobs';

/**
 * Opens the checkpoint of a job.
 * @throws CheckpointError with file and place
 */
export function openJobFile(file: CheckpointFile): Checkpoint {
  if ('path' in file) return openCheckpointFile(file.path, file.name);
  const { name, bytes, siblings } = file;
  return openCheckpoint(new MemorySource(name, bytes), new MemoryFiles(siblings, name));
}

class MemoryFiles implements SiblingFiles {
  constructor(
    private readonly files: Readonly<Record<string, Uint8Array>>,
    private readonly owner: string,
  ) {}

  open(name: string): ByteSource {
    checkSiblingName(name, this.owner);
    const path = join(dirname(this.owner), name);
    const bytes = Object.hasOwn(this.files, name) ? this.files[name] : undefined;
    if (bytes === undefined) throw new CheckpointError(path, null, 'there is no such file.');
    return new MemorySource(path, bytes);
  }
}
