import type { ByteSource } from '../../byteSource';
import { CheckpointError } from '../../checkpointError';

const WINDOW = 256 * 1024;
/** Bytes of a line of the text opcodes. */
const MOST_LINE = 1024 * 1024;

/** Reads a pickle from its start; what a length claims is compared with what there is before. */
export class PickleInput {
  #window: Buffer = Buffer.alloc(0);
  /** Within the source. */
  #windowAt: number;
  #at = 0;

  /**
   * @param start bytes from the start of `source` to the pickle
   * @param end where it must have ended
   * @param shift what to add to places in `source` for places in the file
   */
  constructor(
    private readonly source: ByteSource,
    start: number,
    private readonly end: number,
    private readonly shift: number,
  ) {
    this.#windowAt = start;
  }

  /** Bytes from the start of the file. */
  get place(): number {
    return this.position + this.shift;
  }

  /** Bytes from the start of the source. */
  get position(): number {
    return this.#windowAt + this.#at;
  }

  byte(): number {
    if (this.#at === this.#window.length) this.#fill(1);
    return this.#window[this.#at++] ?? 0;
  }

  /** The next bytes, for the moment. */
  take(length: number): Uint8Array {
    if (this.#at + length > this.#window.length) this.#fill(length);
    this.#at += length;
    return this.#window.subarray(this.#at - length, this.#at);
  }

  copy(length: number): Uint8Array {
    return new Uint8Array(this.take(length));
  }

  view(length: number): DataView {
    const bytes = this.take(length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  uint16(): number {
    return this.byte() | (this.byte() << 8);
  }

  int32(): number {
    return this.uint16() | (this.uint16() << 16);
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  /** A length of 8 bytes. */
  uint64(): number {
    const length = this.view(8).getBigUint64(0, true);
    return length > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Number(length);
  }

  text(length: number): string {
    if (this.#at + length > this.#window.length) this.#fill(length);
    this.#at += length;
    return this.#window.toString('utf8', this.#at - length, this.#at);
  }

  /** Text up to a line feed, without it. */
  line(): string {
    let length = this.#window.indexOf(10, this.#at) - this.#at;
    if (length < 0) {
      this.#fill(1, MOST_LINE);
      length = this.#window.indexOf(10, this.#at) - this.#at;
    }
    if (length < 0 || length > MOST_LINE) throw this.fault('a line of it does not end');
    const text = this.text(length);
    this.#at++;
    return text;
  }

  fault(what: string): CheckpointError {
    return new CheckpointError(this.source.name, this.place, `the pickle is damaged: ${what}.`);
  }

  /** Moves the window here, with at least `length` bytes. */
  #fill(length: number, most = WINDOW): void {
    const position = this.position;
    const left = this.end - position;
    if (length > left) throw this.fault('it ends too early');
    const bytes = this.source.read(position, Math.min(left, Math.max(length, most)));
    this.#window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#windowAt = position;
    this.#at = 0;
  }
}
