import type { Storage } from '../checkpoint';
import { EntryStorage } from './entryStorage';

/** An entry that lies in the archive as it is. */
export class StoredStorage extends EntryStorage {
  get place(): NonNullable<Storage['place']> {
    return { source: this.source, offset: this.entry.offset };
  }

  protected fill(offset: number, target: Uint8Array): void {
    this.source.readInto(this.entry.offset + offset, target);
  }
}
