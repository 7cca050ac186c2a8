import { crc32 } from 'node:zlib';
import { Inflate } from 'fflate';
import type { ByteSource } from '../byteSource';
import { CheckpointError, quoted } from '../checkpointError';
import type { ZipEntry } from './entry';
import { EntryStorage } from './entryStorage';

/** Bytes that are inflated at a time: they make 16 MiB at the most. */
const STEP = 16 * 1024;

/** Files, and the one entry of each that is being inflated. */
const inflating = new WeakMap<ByteSource, { readonly entry: ZipEntry; readonly run: Inflating }>();

/**
 * A deflated entry, inflated as far as it is read; going back begins anew. By `fflate`, since
 * Node's own zlib inflates in steps only asynchronously.
 */
export class DeflatedStorage extends EntryStorage {
  readonly place = null;

  protected fill(offset: number, target: Uint8Array): void {
    const known = inflating.get(this.source);
    const goesOn = known !== undefined && known.entry === this.entry && known.run.start <= offset;
    const run = goesOn ? known.run : new Inflating(this.source, this.entry);
    if (!goesOn) inflating.set(this.source, { entry: this.entry, run });
    try {
      run.readInto(offset, target);
    } catch (error) {
      inflating.delete(this.source);
      throw error;
    }
  }
}

class Inflating {
  /** Where what is at hand begins, in bytes of the content. */
  start = 0;
  #hand: Uint8Array = new Uint8Array(0);
  #read = 0;
  #crc32 = 0;
  readonly #inflate: Inflate;
  readonly #made: Uint8Array[] = [];

  constructor(
    private readonly source: ByteSource,
    private readonly entry: ZipEntry,
  ) {
    this.#inflate = new Inflate((chunk) => this.#made.push(chunk));
  }

  readInto(offset: number, target: Uint8Array): void {
    let done = 0;
    while (done < target.length) {
      const at = offset + done;
      const end = this.start + this.#hand.length;
      if (at < end) {
        const part = this.#hand.subarray(at - this.start, at - this.start + target.length - done);
        target.set(part, done);
        done += part.length;
      } else {
        this.#advance();
      }
    }
    // What stands behind the last byte ends the stream: then the checksum is known.
    if (offset + done === this.entry.bytes) {
      while (this.#read < this.entry.compressedBytes) this.#advance();
    }
  }

  #advance(): void {
    const { compressedBytes, bytes, offset } = this.entry;
    const end = this.start + this.#hand.length;
    const length = Math.min(STEP, compressedBytes - this.#read);
    if (length === 0) throw this.#fault('ends too early');
    const chunk = this.source.read(offset + this.#read, length);
    this.#read += length;
    try {
      this.#inflate.push(chunk, this.#read === compressedBytes);
    } catch {
      throw this.#fault('cannot be inflated');
    }
    const made = this.#made.splice(0);
    this.start = end;
    this.#hand = made.length === 1 && made[0] !== undefined ? made[0] : Buffer.concat(made);
    const total = this.start + this.#hand.length;
    if (total > bytes) throw this.#fault('inflates to more than it says');
    this.#crc32 = crc32(this.#hand, this.#crc32);
    if (this.#read < compressedBytes) return;
    if (total < bytes) throw this.#fault('inflates to less than it says');
    if (this.entry.crc32 !== null && this.#crc32 !== this.entry.crc32) {
      throw this.#fault('does not agree with its checksum');
    }
  }

  #fault(what: string): CheckpointError {
    const name = quoted(this.entry.name);
    const place = this.entry.offset + this.#read;
    return new CheckpointError(this.source.name, place, `the archive's ${name} ${what}.`);
  }
}
