import type { ByteSource } from '../byteSource';
import type { Storage } from '../checkpoint';
import { checkRange } from '../range';
import type { ZipEntry } from './entry';

/** The content of an entry, of which only what is within it can be read. */
export abstract class EntryStorage implements Storage {
  abstract readonly place: Storage['place'];

  constructor(
    protected readonly source: ByteSource,
    protected readonly entry: ZipEntry,
  ) {}

  get bytes(): number {
    return this.entry.bytes;
  }

  get crc32(): number | null {
    return this.entry.crc32;
  }

  readInto(offset: number, target: Uint8Array): void {
    checkRange({ name: this.source.name, size: this.entry.bytes }, offset, target.length);
    this.fill(offset, target);
  }

  protected abstract fill(offset: number, target: Uint8Array): void;
}
