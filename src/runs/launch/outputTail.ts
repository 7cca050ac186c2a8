import type { Readable } from 'node:stream';

/** Keeps the last part of what a process prints: the output of a failing script is told by its end. */
export class OutputTail {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  /** @param least how many bytes are kept at least, once so many were printed */
  constructor(private readonly least: number) {}

  /** Takes all that comes of the streams. */
  follow(...streams: readonly (Readable | null)[]): void {
    for (const stream of streams) {
      stream?.on('data', (chunk: Buffer) => {
        this.push(chunk);
      });
    }
  }

  /** Takes what was printed. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes - (this.#chunks[0]?.length ?? 0) > this.least) {
      this.#bytes -= this.#chunks.shift()?.length ?? 0;
    }
  }

  /** The last bytes, in the order in which they came. */
  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
