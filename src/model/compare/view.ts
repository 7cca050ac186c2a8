import { elementCount } from '../shape';
import { CheckpointError } from '../checkpoint/checkpointError';
import { bitsOf, bytesOf } from '../checkpoint/dtypes';
import type { StoredTensor } from '../checkpoint/checkpoint';

/** How many times over a view may show its storage's bytes (`expand`) and still be read. */
const MOST_REPEATS = 64;
const MANY_ELEMENTS = 2 ** 20;

/** Bytes of the storage from a tensor's first element to the end of its last. */
export function extentOf({ dtype, shape, strides }: StoredTensor): number {
  if (shape.includes(0)) return 0;
  if (strides === null) return bytesOf(dtype, elementCount({ shape }));
  let last = 0;
  shape.forEach((size, dimension) => (last += (size - 1) * (strides[dimension] ?? 0)));
  return bytesOf(dtype, last + 1);
}

/**
 * Refuses a view that reaches out of its storage, or has absurdly many elements for it: nothing is
 * allocated or looped over by the word of the file alone.
 * @throws CheckpointError
 */
export function checkView(tensor: StoredTensor): void {
  const { storage, offset, strides, dtype, shape, name } = tensor;
  const fault = (what: string): CheckpointError => {
    const { source, offset: at } = storage.place ?? {};
    return new CheckpointError(source?.name ?? '', at ?? null, `the tensor ${name} ${what}.`);
  };
  const extent = extentOf(tensor);
  const end = offset + extent;
  if (!(offset >= 0) || !(end <= storage.bytes)) throw fault('reaches out of its storage');
  if (strides === null) return;
  if (bitsOf(dtype) % 8 !== 0) throw fault('has packed elements that do not lie in a row');
  if (strides.length !== shape.length || strides.some((each) => !(each >= 0))) {
    throw fault('has strides that do not fit its shape');
  }
  const elements = elementCount({ shape });
  const room = (storage.bytes * 8) / bitsOf(dtype);
  if (!(elements <= MOST_REPEATS * room + MANY_ELEMENTS)) {
    throw fault('has more elements than its storage can hold');
  }
}

/** Whether two tensors of one shape and type lie alike within their storages. */
export function laidOutAlike(a: StoredTensor, b: StoredTensor): boolean {
  if (a.strides === null || b.strides === null) return a.strides === b.strides;
  const other = b.strides;
  return a.strides.every((stride, dimension) => stride === other[dimension]);
}
