import { inflateSync } from 'node:zlib';
import type { Fields } from './fields';

/** What was done to a chunk before it was written, in that order (chapter IV.A.2.l). */
export type Filter =
  | { readonly kind: 'deflate' }
  /** All first bytes of the elements, then all second ones. */
  | { readonly kind: 'shuffle'; readonly size: number }
  /** A checksum behind the chunk, which is not verified. */
  | { readonly kind: 'fletcher32' };

/**
 * @returns null when there is a filter that is not read (lzf, szip, plug-ins)
 * @throws CheckpointError
 */
export function readFilters(fields: Fields | undefined): readonly Filter[] | null {
  if (fields === undefined) return [];
  const version = fields.u8();
  const count = fields.u8();
  if (version === 1) fields.skip(6);
  const filters: Filter[] = [];
  for (let index = 0; index < count; index++) {
    const id = fields.u16();
    const nameLength = version === 1 || id >= 256 ? fields.u16() : 0;
    fields.skip(2);
    const values = fields.u16();
    fields.skip(version === 1 ? Math.ceil(nameLength / 8) * 8 : nameLength);
    const own = fields.within(values * 4);
    if (version === 1 && values % 2 === 1) fields.skip(4);
    if (id === 1) filters.push({ kind: 'deflate' });
    else if (id === 2) filters.push({ kind: 'shuffle', size: own.u32() });
    else if (id === 3) filters.push({ kind: 'fletcher32' });
    else return null;
  }
  return filters;
}

/**
 * Undoes the filters.
 * @param mask a bit for each filter that was left out of this chunk
 * @param bytes that the chunk has in the end
 * @returns null when the chunk is damaged
 */
export function unfilter(
  stored: Uint8Array,
  filters: readonly Filter[],
  mask: number,
  bytes: number,
): Uint8Array | null {
  let content = stored;
  for (const [index, filter] of [...filters.entries()].reverse()) {
    if ((mask >>> index) & 1) continue;
    switch (filter.kind) {
      case 'deflate':
        try {
          // Behind it there may be a checksum of 4 bytes.
          content = inflateSync(content, { maxOutputLength: bytes + 4 });
        } catch {
          return null;
        }
        break;
      case 'shuffle':
        content = unshuffle(content, filter.size);
        break;
      case 'fletcher32':
        content = content.subarray(0, -4);
        break;
    }
  }
  return content.length === bytes ? content : null;
}

function unshuffle(content: Uint8Array, size: number): Uint8Array {
  const elements = Math.floor(content.length / Math.max(1, size));
  const ordered = Uint8Array.from(content);
  for (let byte = 0; byte < size; byte++) {
    for (let element = 0; element < elements; element++) {
      ordered[element * size + byte] = content[byte * elements + element] ?? 0;
    }
  }
  return ordered;
}
