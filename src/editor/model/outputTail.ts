/** Output of a failing script is told by its end. */
const MOST_BYTES = 64 * 1024;

/** Keeps the last part of what a process prints. */
export class OutputTail {
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** Takes what was printed. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes - (this.#chunks[0]?.length ?? 0) > MOST_BYTES) {
      this.#bytes -= this.#chunks.shift()?.length ?? 0;
    }
  }

  /** The last 64 KiB, or a little more. */
  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
