import { elementCount } from '../../shape';
import type { Storage } from '../checkpoint';
import { checkRange } from '../range';
import { readChunkTree, type Chunk } from './chunkTree';
import { unfilter, type Filter } from './filters';
import { unsupported, type H5File } from './h5File';

/** Bytes of decoded chunks that are kept: those that one row of the data set goes through. */
const MAX_KEPT = 128 * 1024 * 1024;

export interface Chunking {
  readonly shape: readonly number[];
  /** Elements of a chunk by dimension. */
  readonly chunk: readonly number[];
  /** Bytes of an element. */
  readonly size: number;
  readonly filters: readonly Filter[];
}

/** A data set that is stored in chunks, compressed or not; read as the elements lie row by row. */
export class ChunkedStorage implements Storage {
  readonly bytes: number;
  readonly crc32 = null;
  readonly place = null;
  readonly #chunks: ReadonlyMap<number, Chunk>;
  /** Chunks by dimension. */
  readonly #counts: readonly number[];
  readonly #chunkBytes: number;
  /** The oldest first. */
  readonly #kept = new Map<number, Uint8Array>();
  readonly #keep: number;

  /**
   * @param tree address of the tree of its chunks
   * @throws CheckpointError unless the file has all of them
   */
  constructor(
    private readonly file: H5File,
    tree: number,
    private readonly chunking: Chunking,
  ) {
    const { shape, chunk, size } = chunking;
    this.bytes = elementCount({ shape }) * size;
    this.#chunkBytes = elementCount({ shape: chunk }) * size;
    this.#counts = shape.map((length, index) => Math.ceil(length / (chunk[index] ?? 1)));
    this.#keep = elementCount({ shape: this.#counts.slice(1) });
    if (this.#keep * this.#chunkBytes > MAX_KEPT) {
      unsupported(file.source, tree, 'chunks of which a row takes more than 128 MiB');
    }
    this.#chunks = readChunkTree(file, tree, shape.length, (start) => this.#numberOf(start));
    if (this.#chunks.size !== elementCount({ shape: this.#counts })) {
      file.fail(tree, 'chunks of a data set are missing');
    }
  }

  readInto(offset: number, target: Uint8Array): void {
    checkRange({ name: this.file.source.name, size: this.bytes }, offset, target.length);
    const { shape, chunk, size } = this.chunking;
    const row = (shape.at(-1) ?? 1) * size;
    const chunkRow = (chunk.at(-1) ?? 1) * size;
    let done = 0;
    while (done < target.length) {
      const at = offset + done;
      const column = at % row;
      const within = column % chunkRow;
      const { number, start } = this.#find(Math.floor(at / row), Math.floor(column / chunkRow));
      const length = Math.min(chunkRow - within, row - column, target.length - done);
      const from = start * size + within;
      target.set(this.#content(number).subarray(from, from + length), done);
      done += length;
    }
  }

  /** The chunk in which a stretch of a row lies, and the first element of that row within it. */
  #find(row: number, column: number): { readonly number: number; readonly start: number } {
    const { shape, chunk } = this.chunking;
    const last = shape.length - 1;
    let rest = row;
    let number = column;
    let start = 0;
    let chunksBelow = this.#counts[last] ?? 1;
    let elementsBelow = chunk[last] ?? 1;
    for (let dimension = last - 1; dimension >= 0; dimension--) {
      const [length, own] = [shape[dimension] ?? 1, chunk[dimension] ?? 1];
      const index = rest % length;
      rest = Math.floor(rest / length);
      number += Math.floor(index / own) * chunksBelow;
      start += (index % own) * elementsBelow;
      chunksBelow *= this.#counts[dimension] ?? 1;
      elementsBelow *= own;
    }
    return { number, start };
  }

  #numberOf(start: readonly number[]): number | null {
    const { chunk } = this.chunking;
    let number = 0;
    for (const [dimension, first] of start.entries()) {
      const index = first / (chunk[dimension] ?? 1);
      const count = this.#counts[dimension] ?? 0;
      if (!Number.isInteger(index) || index >= count) return null;
      number = number * count + index;
    }
    return number;
  }

  #content(number: number): Uint8Array {
    const kept = this.#kept.get(number);
    if (kept !== undefined) return kept;
    const chunk = this.#chunks.get(number);
    if (chunk === undefined) this.file.fail(0, 'a chunk of a data set is missing');
    const stored = this.file.source.read(chunk.offset, chunk.stored);
    const content = unfilter(stored, this.chunking.filters, chunk.mask, this.#chunkBytes);
    if (content === null) this.file.fail(chunk.offset, 'a chunk cannot be decompressed');
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= this.#keep) this.#kept.delete(oldest);
    this.#kept.set(number, content);
    return content;
  }
}
