import { open, type FileHandle } from 'node:fs/promises';
import { LineSplitter } from './lineSplitter';

const CHUNK = 1 << 20;
/** How much of the file's beginning is kept to know it again. */
const HEAD = 512;

/** Reads what other processes append to a file, each complete line once. */
export class FileTail {
  readonly #splitter = new LineSplitter();
  #offset = 0;
  /** First bytes of the file as they were read: a file written anew may get the same inode. */
  #head = Buffer.alloc(0);

  /**
   * @param file need not be there yet
   * @param onLines gets complete lines only
   */
  constructor(
    private readonly file: string,
    private readonly onLines: (lines: readonly string[]) => void,
  ) {}

  /** How long the file is, in bytes; 0 when it is not there. Never throws. */
  async size(): Promise<number> {
    const handle = await open(this.file, 'r').catch(() => null);
    try {
      return (await handle?.stat())?.size ?? 0;
    } catch {
      return 0;
    } finally {
      await handle?.close();
    }
  }

  /**
   * Reads on. Never throws.
   * @param until reads no further than so many bytes from the file's beginning
   * @returns false when the file began anew (truncated, replaced, deleted): the lines told before
   * are void, and another tail has to read it
   */
  async read(until = Infinity): Promise<boolean> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(this.file, 'r');
      if (await this.#beganAnew(handle)) return false;
      await this.#readChunks(handle, until);
    } catch (error) {
      // Any other fault may pass: the next look tries again.
      if (isGone(error)) return this.#offset === 0;
    } finally {
      await handle?.close();
    }
    return true;
  }

  async #beganAnew(handle: FileHandle): Promise<boolean> {
    const head = Buffer.alloc(this.#head.length);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    const { size } = await handle.stat();
    return size < this.#offset || bytesRead < head.length || !head.equals(this.#head);
  }

  async #readChunks(handle: FileHandle, until: number): Promise<void> {
    for (;;) {
      const { size } = await handle.stat();
      const end = Math.min(size, until);
      const buffer = Buffer.alloc(Math.min(CHUNK, Math.max(0, end - this.#offset)));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, this.#offset);
      if (bytesRead === 0) return;
      const chunk = buffer.subarray(0, bytesRead);
      if (this.#head.length < HEAD) {
        this.#head = Buffer.concat([this.#head, chunk]).subarray(0, HEAD);
      }
      this.#offset += bytesRead;
      const lines = this.#splitter.push(chunk);
      if (lines.length > 0) this.onLines(lines);
    }
  }
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
