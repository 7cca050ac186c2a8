import type { Fields } from './fields';
import type { H5File } from './h5File';

/** Bytes of the largest collection that is read: an attribute's text may be a whole config. */
const MAX_COLLECTION = 256 * 1024 * 1024;

/** Bytes of a reference to a text. */
export const REFERENCE = 16;

type Collection = ReadonlyMap<number, Uint8Array>;

const collections = new WeakMap<H5File, Map<number, Collection>>();

/**
 * Texts of variable length, which stand in global heaps (chapter III.E of the specification).
 * @param fields references to them: length, address of the heap, number within it
 * @throws CheckpointError
 */
export function textsIn(file: H5File, fields: Fields, count: number): readonly string[] {
  return Array.from({ length: count }, () => {
    const offset = fields.offset;
    const length = fields.u32();
    const address = fields.u64();
    const index = fields.u32();
    if (length === 0) return '';
    const bytes = collectionAt(file, address).get(index);
    if (bytes === undefined || bytes.length < length) file.fail(offset, 'a text is not there');
    file.countText(offset, length);
    return new TextDecoder().decode(bytes.subarray(0, length)).replace(/\0+$/, '');
  });
}

function collectionAt(file: H5File, address: number): Collection {
  const known = collections.get(file) ?? new Map<number, Collection>();
  collections.set(file, known);
  const collection = known.get(address) ?? readCollection(file, address);
  known.set(address, collection);
  return collection;
}

function readCollection(file: H5File, address: number): Collection {
  const head = file.fields(address, 16);
  head.expect('GCOL');
  head.skip(4);
  const size = head.u64();
  if (size < 16 || size > MAX_COLLECTION) head.fail('a heap of texts has an impossible size');
  file.countText(address, size);
  const fields = file.fields(address + 16, size - 16);
  const objects = new Map<number, Uint8Array>();
  while (fields.left >= 16) {
    const index = fields.u16();
    if (index === 0) break; // What is free.
    fields.skip(6);
    const length = fields.u64();
    objects.set(index, fields.take(length));
    fields.align();
  }
  return objects;
}
