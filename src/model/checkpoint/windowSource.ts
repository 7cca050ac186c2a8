import type { ByteSource } from './byteSource';
import { checkRange } from './range';

/** A file that lies within another as it is: an entry of an archive. It closes the other. */
export class WindowSource implements ByteSource {
  constructor(
    private readonly source: ByteSource,
    private readonly offset: number,
    readonly size: number,
    readonly name: string,
  ) {}

  read(offset: number, length: number): Uint8Array {
    checkRange(this, offset, length);
    return this.source.read(this.offset + offset, length);
  }

  readInto(offset: number, target: Uint8Array): void {
    checkRange(this, offset, target.length);
    this.source.readInto(this.offset + offset, target);
  }

  close(): void {
    this.source.close();
  }
}
