import type { Storage } from './checkpoint';

/** Elements whose bytes stand in the other order: read in that of all other files. */
export class SwappedStorage implements Storage {
  readonly crc32 = null;
  readonly place = null;

  /** @param width bytes of a number that is turned around */
  constructor(
    private readonly storage: Storage,
    private readonly width: number,
  ) {}

  get bytes(): number {
    return this.storage.bytes;
  }

  readInto(offset: number, target: Uint8Array): void {
    const { width } = this;
    const start = Math.floor(offset / width) * width;
    const end = Math.ceil((offset + target.length) / width) * width;
    const whole = start === offset && end === offset + target.length;
    const bytes = whole ? target : new Uint8Array(end - start);
    this.storage.readInto(start, bytes);
    for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
    if (!whole) target.set(bytes.subarray(offset - start, offset - start + target.length));
  }
}
