import type { StoredTensor } from '../../src/model/checkpoint/checkpoint';
import { bitsOf, bytesOf } from '../../src/model/checkpoint/dtypes';

/**
 * The bytes of a tensor through its storage and strides: row by row without gaps. On purpose the
 * plainest way, unlike the product's own.
 */
export function contentOf({ dtype, shape, storage, offset, strides }: StoredTensor): Uint8Array {
  const elements = shape.reduce((product, size) => product * size, 1);
  if (strides === null) {
    const content = new Uint8Array(bytesOf(dtype, elements));
    storage.readInto(offset, content);
    return content;
  }
  const size = bitsOf(dtype) / 8;
  const whole = new Uint8Array(storage.bytes);
  storage.readInto(0, whole);
  const content = new Uint8Array(elements * size);
  const index = shape.map(() => 0);
  for (let element = 0; element < elements; element += 1) {
    const at = index.reduce((sum, each, axis) => sum + each * (strides[axis] ?? 0), 0);
    const from = offset + at * size;
    content.set(whole.subarray(from, from + size), element * size);
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      index[axis] = (index[axis] ?? 0) + 1;
      if (index[axis] !== shape[axis]) break;
      index[axis] = 0;
    }
  }
  return content;
}
