const NEWLINE = 0x0a;

/**
 * Cuts a stream of bytes into complete lines. It splits bytes before it decodes them: a newline
 * byte is never part of a longer UTF-8 sequence, so a character cut by a chunk's border is safe.
 */
export class LineSplitter {
  #torn: Buffer[] = [];

  /** The lines that `chunk` completes, without their line ends. */
  push(chunk: Buffer): readonly string[] {
    const lines: string[] = [];
    let start = 0;
    for (
      let end = chunk.indexOf(NEWLINE);
      end !== -1;
      start = end + 1, end = chunk.indexOf(NEWLINE, start)
    ) {
      this.#torn.push(chunk.subarray(start, end));
      lines.push(Buffer.concat(this.#torn).toString('utf8'));
      this.#torn = [];
    }
    // A copy: the caller may use its buffer again.
    if (start < chunk.length) this.#torn.push(Buffer.from(chunk.subarray(start)));
    return lines;
  }

  /** Forgets the line that is not complete. */
  clear(): void {
    this.#torn = [];
  }
}
