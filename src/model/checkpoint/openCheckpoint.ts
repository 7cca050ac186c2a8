import { archiveReader } from './archiveReader';
import type { ByteSource, SiblingFiles } from './byteSource';
import type { Checkpoint, CheckpointReader } from './checkpoint';
import { CheckpointError } from './checkpointError';
import { jsonReader } from './jsonReader';
import { kerasReader } from './keras/readKeras';
import { npyReader } from './npz/readNpz';
import { whyNotRead } from './otherFormats';
import { safetensorsReader } from './safetensors/readSafetensors';
import { torchLegacyReader } from './torch/torchLegacyReader';
import { torchZipReader } from './torch/torchZipReader';

const HEAD = 4096;

/** Files that hold all that they name. */
const WHOLE: readonly CheckpointReader[] = [
  safetensorsReader,
  torchZipReader,
  archiveReader,
  torchLegacyReader,
  kerasReader,
  npyReader,
];

/** What stands in one file and is named by another must not name more. */
const NO_SIBLINGS: SiblingFiles = {
  open(name) {
    throw new CheckpointError(name, null, 'a shard should not name further files.');
  },
};

/** In the order in which they are asked; zip archives are told apart by what is in them. */
const READERS: readonly CheckpointReader[] = [
  ...WHOLE,
  jsonReader((shard) => readBy(WHOLE, shard, NO_SIBLINGS)),
];

/**
 * Recognises a checkpoint by its first bytes, whatever its name ends with, and reads its structure.
 * It owns `source` from then on; closes it when it throws.
 * @throws CheckpointError with file and place
 */
export function openCheckpoint(source: ByteSource, siblings: SiblingFiles): Checkpoint {
  return readBy(READERS, source, siblings);
}

function readBy(
  readers: readonly CheckpointReader[],
  source: ByteSource,
  siblings: SiblingFiles,
): Checkpoint {
  try {
    const head = source.read(0, Math.min(HEAD, source.size));
    const reader = readers.find((each) => each.matches(head, source));
    if (reader !== undefined) return reader.read(source, siblings);
    throw new CheckpointError(source.name, 0, whyNotRead(head, source.name));
  } catch (error) {
    source.close();
    // JSON that is nested deeper than any model exhausts the stack.
    if (!(error instanceof RangeError)) throw error;
    const reason = `the file is made to be too much: ${error.message}.`;
    throw new CheckpointError(source.name, null, reason);
  }
}
