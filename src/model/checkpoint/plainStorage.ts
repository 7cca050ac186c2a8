import type { ByteSource } from './byteSource';
import type { Storage } from './checkpoint';

/** Content that lies in a file as it is. */
export class PlainStorage implements Storage {
  readonly crc32 = null;
  readonly place: { readonly source: ByteSource; readonly offset: number };

  /**
   * @param offset bytes from the start of `source`
   * @param bytes within the source: who makes the storage has checked
   */
  constructor(
    source: ByteSource,
    offset: number,
    readonly bytes: number,
  ) {
    this.place = { source, offset };
  }

  readInto(offset: number, target: Uint8Array): void {
    this.place.source.readInto(this.place.offset + offset, target);
  }
}
