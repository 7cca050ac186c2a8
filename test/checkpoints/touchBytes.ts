import type { Checkpoint, StoredTensor } from '../../src/model/checkpoint/checkpoint';
import { CheckpointError } from '../../src/model/checkpoint/checkpointError';
import { bytesOf } from '../../src/model/checkpoint/dtypes';

const TENSORS = 64;
const BYTES = 4096;

/**
 * Reads the beginning and the end of some tensors, twice: what a file says of its bytes must hold,
 * or be refused.
 * @returns the refusals
 * @throws Error when two reads differ, or a reader gives a tensor a place out of its storage
 */
export function touchBytes({
  models,
}: Checkpoint): readonly Pick<CheckpointError, 'file' | 'offset' | 'reason'>[] {
  const refusals: Pick<CheckpointError, 'file' | 'offset' | 'reason'>[] = [];
  for (const tensor of models.flatMap(({ tensors }) => tensors).slice(0, TENSORS)) {
    const [from, to] = extentOf(tensor);
    if (from < 0 || to > tensor.storage.bytes || !Number.isSafeInteger(to)) {
      throw new Error(`${tensor.name} lies out of its storage: ${from} to ${to}`);
    }
    const length = Math.min(BYTES, to - from);
    for (const at of new Set([from, to - length])) {
      try {
        const [once, again] = [new Uint8Array(length), new Uint8Array(length).fill(1)];
        tensor.storage.readInto(at, once);
        tensor.storage.readInto(at, again);
        if (Buffer.compare(once, again) !== 0) throw new Error(`${tensor.name} changes`);
      } catch (error) {
        if (!(error instanceof CheckpointError)) throw error;
        refusals.push({ file: error.file, offset: error.offset, reason: error.reason });
      }
    }
  }
  return refusals;
}

/** The first byte of a tensor and the one behind its last, in its storage. */
function extentOf({ dtype, shape, offset, strides }: StoredTensor): readonly [number, number] {
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements === 0) return [offset, offset];
  if (strides === null) return [offset, offset + bytesOf(dtype, elements)];
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] ?? 0), 0);
  return [offset, offset + bytesOf(dtype, last + 1)];
}
