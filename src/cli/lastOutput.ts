import type { Readable } from 'node:stream';

/** How much of a command's output is kept, in bytes. */
const MOST = 1 << 20;

/** The last output of a command, to be shown when it fails. */
export class LastOutput {
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(...streams: readonly (Readable | null)[]) {
    for (const stream of streams) {
      stream?.on('data', (chunk: Buffer) => {
        this.#add(chunk);
      });
    }
  }

  /** Stdout and stderr as they came; of a long output the end. */
  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  #add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size > MOST && this.#chunks.length > 1) {
      this.#size -= this.#chunks.shift()?.length ?? 0;
    }
  }
}
