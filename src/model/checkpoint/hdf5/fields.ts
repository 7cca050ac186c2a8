import type { ByteSource } from '../byteSource';
import { CheckpointError } from '../checkpointError';

/** An address that says: there is nothing. */
const UNDEFINED = 0xffff_ffff_ffff_ffffn;

/** Reads little-endian fields one behind the other, and knows where in the file it is. */
export class Fields {
  #at = 0;
  readonly #view: DataView;

  /** @param start of `bytes` in the file */
  constructor(
    private readonly file: string,
    private readonly bytes: Uint8Array,
    private readonly start: number,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Fields of `length` bytes of a file. */
  static of(source: ByteSource, offset: number, length: number): Fields {
    return new Fields(source.name, source.read(offset, length), offset);
  }

  /** Bytes from the start of the file. */
  get offset(): number {
    return this.start + this.#at;
  }

  get left(): number {
    return this.bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A number of bytes or elements. */
  u64(): number {
    const offset = this.offset;
    const value = this.#view.getBigUint64(this.#take(8), true);
    if (value > Number.MAX_SAFE_INTEGER) this.fail('a size is larger than any file', offset);
    return Number(value);
  }

  /** Null for the address of nothing. */
  address(): number | null {
    const undefinedHere = this.left >= 8 && this.#view.getBigUint64(this.#at, true) === UNDEFINED;
    if (undefinedHere) this.skip(8);
    return undefinedHere ? null : this.u64();
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes. */
  uint(width: number): number {
    if (width === 8) return this.u64();
    return width === 4 ? this.u32() : width === 2 ? this.u16() : this.u8();
  }

  take(length: number): Uint8Array {
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  /** The next `length` bytes as fields of their own. */
  within(length: number): Fields {
    const offset = this.offset;
    return new Fields(this.file, this.take(length), offset);
  }

  skip(length: number): void {
    this.#take(length);
  }

  /** Skips up to the next multiple of 8 bytes from the start. */
  align(): void {
    this.skip(Math.min(this.left, (8 - (this.#at % 8)) % 8));
  }

  /** UTF-8 up to the first NUL. */
  text(length: number): string {
    const bytes = this.take(length);
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  }

  /** @throws CheckpointError unless these letters stand here */
  expect(signature: string): void {
    const offset = this.offset;
    const found = new TextDecoder('latin1').decode(this.take(signature.length));
    if (found !== signature) this.fail(`HDF5's ${signature} should stand here`, offset);
  }

  fail(reason: string, offset = this.offset): never {
    throw new CheckpointError(this.file, offset, `${reason}: the file is damaged.`);
  }

  #take(length: number): number {
    if (length > this.left) this.fail('a structure of HDF5 is cut short');
    const at = this.#at;
    this.#at += length;
    return at;
  }
}
