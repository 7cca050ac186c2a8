import type { ByteSource } from './byteSource';
import { checkRange } from './range';

/** Several files as one, one behind the other: a tensor may begin in one and end in the next. */
export class JoinedSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  /** Where each begins. */
  readonly #starts: readonly number[];

  /** @param parts in their order; closed with it */
  constructor(private readonly parts: readonly ByteSource[]) {
    let size = 0;
    this.#starts = parts.map((part) => {
      const start = size;
      size += part.size;
      return start;
    });
    this.name = parts.map(({ name }) => name).join(', ');
    this.size = size;
  }

  read(offset: number, length: number): Uint8Array {
    checkRange(this, offset, length);
    const bytes = new Uint8Array(length);
    this.readInto(offset, bytes);
    return bytes;
  }

  readInto(offset: number, target: Uint8Array): void {
    checkRange(this, offset, target.length);
    let done = 0;
    for (const [index, part] of this.parts.entries()) {
      const within = offset + done - (this.#starts[index] ?? 0);
      if (within >= part.size) continue;
      const count = Math.min(part.size - within, target.length - done);
      part.readInto(within, target.subarray(done, done + count));
      done += count;
      if (done === target.length) return;
    }
  }

  close(): void {
    for (const part of this.parts) part.close();
  }
}
