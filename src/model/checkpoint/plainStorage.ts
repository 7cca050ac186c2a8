import type { ByteSource } from './byteSource';
import type { Storage } from './checkpoint';

/** Content that lies in a file as it is. */
export class PlainStorage implements Storage {
  readonly crc32 = null;

  /**
   * @param offset bytes from the start of `source`
   * @param bytes within the source: who makes the storage has checked
   */
  constructor(
    private readonly source: ByteSource,
    private readonly offset: number,
    readonly bytes: number,
  ) {}

  /** Made when it is asked for: there may be 100,000 of them. */
  get place(): { readonly source: ByteSource; readonly offset: number } {
    return { source: this.source, offset: this.offset };
  }

  readInto(offset: number, target: Uint8Array): void {
    this.source.readInto(this.offset + offset, target);
  }
}
