import type { ByteSource } from '../byteSource';
import type { Storage } from '../checkpoint';
import { checkRange } from '../range';
import type { ZipEntry } from './entry';

/** An entry that lies in the archive as it is. */
export class StoredStorage implements Storage {
  constructor(
    private readonly source: ByteSource,
    private readonly entry: ZipEntry,
  ) {}

  get bytes(): number {
    return this.entry.bytes;
  }

  get crc32(): number | null {
    return this.entry.crc32;
  }

  get place(): { readonly source: ByteSource; readonly offset: number } {
    return { source: this.source, offset: this.entry.offset };
  }

  readInto(offset: number, target: Uint8Array): void {
    checkRange({ name: this.source.name, size: this.entry.bytes }, offset, target.length);
    this.source.readInto(this.entry.offset + offset, target);
  }
}
