import type { ByteSource } from '../checkpoint/byteSource';
import type { Storage } from '../checkpoint/checkpoint';

/**
 * Bytes read at once. Blocks that stay in a core's cache between the read and the comparison are
 * up to twice as fast as those of 8 MiB.
 */
export const BLOCK = 256 * 1024;
/** A read that begins so near behind the last goes on with it, and gets a whole block. */
const NEAR = 4 * 1024;

/**
 * Reads the storages of one side of a comparison through one block of memory. Small tensors that
 * lie behind each other in a file cost one read together.
 */
export class BlockReader {
  readonly #block = new Uint8Array(BLOCK);
  /** What the block holds a stretch of. */
  #from: ByteSource | Storage | null = null;
  #start = 0;
  #end = 0;
  bytesRead = 0;

  /**
   * At least one of the `most` (1 or more) bytes of the storage from `offset`, valid until the next
   * call.
   * @throws CheckpointError
   */
  take(storage: Storage, offset: number, most: number): Uint8Array {
    const from = storage.place?.source ?? storage;
    const at = (storage.place?.offset ?? 0) + offset;
    const held = from === this.#from && at >= this.#start && at < this.#end;
    if (!held) this.#read(from, at, most);
    const begin = at - this.#start;
    return this.#block.subarray(begin, Math.min(begin + most, this.#end - this.#start));
  }

  /** Fills `target` with the storage's bytes from `offset`; throws as `take`. */
  fill(storage: Storage, offset: number, target: Uint8Array): void {
    for (let done = 0; done < target.length;) {
      const bytes = this.take(storage, offset + done, target.length - done);
      target.set(bytes, done);
      done += bytes.length;
    }
  }

  #read(from: ByteSource | Storage, at: number, most: number): void {
    const follows = from === this.#from && at >= this.#end && at - this.#end <= NEAR;
    const size = 'size' in from ? from.size : from.bytes;
    const ahead = follows ? Math.min(BLOCK, size - at) : 0;
    const length = Math.min(BLOCK, Math.max(ahead, most));
    // Nothing is held while the block changes: a failed read must not pass for the old one.
    this.#from = null;
    from.readInto(at, this.#block.subarray(0, length));
    this.#from = from;
    this.#start = at;
    this.#end = at + length;
    this.bytesRead += length;
  }
}
