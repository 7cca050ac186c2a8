import type { ByteSource, SiblingFiles } from './byteSource';
import type { Checkpoint, CheckpointReader } from './checkpoint';
import { CheckpointError } from './checkpointError';

const HEAD = 4096;

/** In the order in which they are asked; zip archives are told apart by what is in them. */
const READERS: readonly CheckpointReader[] = [];

/**
 * Recognises a checkpoint by its first bytes, whatever its name ends with, and reads its structure.
 * It owns `source` from then on; closes it when it throws.
 * @throws CheckpointError with file and place
 */
export function openCheckpoint(source: ByteSource, siblings: SiblingFiles): Checkpoint {
  try {
    const head = source.read(0, Math.min(HEAD, source.size));
    const reader = READERS.find((each) => each.matches(head, source));
    if (reader !== undefined) return reader.read(source, siblings);
    throw new CheckpointError(source.name, 0, whatElse(head));
  } catch (error) {
    source.close();
    throw error;
  }
}

function whatElse(head: Uint8Array): string {
  const text = new TextDecoder('latin1').decode(head.subarray(0, 64));
  if (head.length === 0) return 'the file is empty.';
  if (text.startsWith('version https://git-lfs')) {
    return 'this is a Git LFS pointer, not the checkpoint itself. Fetch it with git lfs pull.';
  }
  return 'the file is in no format that Permafrost reads: safetensors, PyTorch, TensorFlow.js, Keras 3 or NumPy .npz.';
}
