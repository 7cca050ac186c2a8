const NEWLINE = 0x0a;
/** A model of 100,000 tensors is described in some 20 MB; more is no line of ours. */
const LONGEST = 128 << 20;
/** Stands for a line that was too long to be kept: no reader takes it for an event. */
const TOO_LONG = 'line too long';

/**
 * Cuts a stream of bytes into complete lines. It splits bytes before it decodes them: a newline
 * byte is never part of a longer UTF-8 sequence, so a character cut by a chunk's border is safe.
 */
export class LineSplitter {
  /** Of the line that is not complete yet; null once it is too long. */
  #torn: Buffer[] | null = [];
  #size = 0;

  /** The lines that `chunk` completes, without their line ends. */
  push(chunk: Buffer): readonly string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      lines.push(this.#torn === null ? TOO_LONG : Buffer.concat(this.#torn).toString('utf8'));
      this.clear();
      start = end + 1;
    }
    // A copy: the caller may use its buffer again.
    if (start < chunk.length) this.#keep(Buffer.from(chunk.subarray(start)));
    return lines;
  }

  /** Forgets the line that is not complete. */
  clear(): void {
    this.#torn = [];
    this.#size = 0;
  }

  #keep(part: Buffer): void {
    this.#size += part.length;
    if (this.#size > LONGEST) this.#torn = null;
    else this.#torn?.push(part);
  }
}
