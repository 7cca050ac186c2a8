import type { ByteSource } from './byteSource';
import { CheckpointError } from './checkpointError';

/**
 * Refuses to read what the file does not have, before memory is taken for it.
 * @throws CheckpointError at `offset`
 */
export function checkRange(
  { name, size }: Pick<ByteSource, 'name' | 'size'>,
  offset: number,
  length: number,
): void {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
    throw new CheckpointError(name, null, 'a place in the file is no number of bytes.');
  }
  if (offset + length > size) {
    const wanted = `${String(length)} bytes should stand here`;
    const there = `the file ends ${offset > size ? 'before' : `after ${String(size - offset)}`}`;
    throw new CheckpointError(name, offset, `${wanted}, ${there}: it is cut short or damaged.`);
  }
}
