import type { H5File } from './h5File';

/** A stretch of a data set that is compressed on its own. */
export interface Chunk {
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Bytes in the file. */
  readonly stored: number;
  /** A bit for each filter that was left out. */
  readonly mask: number;
}

const MAX_LEVEL = 16;

/**
 * The chunks of a data set from its B-tree of version 1 (chapter III.A.1).
 * @param place of a chunk by the indices of its first element; null when it has none
 * @throws CheckpointError
 */
export function readChunkTree(
  file: H5File,
  address: number,
  rank: number,
  place: (start: readonly number[]) => number | null,
): ReadonlyMap<number, Chunk> {
  const chunks = new Map<number, Chunk>();
  const read = (node: number, level: number): void => {
    file.enter(node);
    const head = file.fields(node, 24);
    head.expect('TREE');
    const [type, own] = [head.u8(), head.u8()];
    if (type !== 1 || own >= level) head.fail('the tree of chunks is malformed', node);
    const children = head.u16();
    const fields = file.fields(node + 24, children * (24 + 8 * rank));
    for (let index = 0; index < children; index++) {
      const at = fields.offset;
      file.countLink(at);
      const [stored, mask] = [fields.u32(), fields.u32()];
      const start = Array.from({ length: rank }, () => fields.u64());
      fields.skip(8);
      const child = fields.u64();
      if (own > 0) {
        read(child, own);
        continue;
      }
      const number = place(start);
      if (number === null || chunks.has(number)) file.fail(at, 'a chunk has an impossible place');
      file.claim(child, stored);
      chunks.set(number, { offset: child, stored, mask });
    }
  };
  read(address, MAX_LEVEL);
  return chunks;
}
