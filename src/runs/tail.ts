import { open, type FileHandle } from 'node:fs/promises';
import { watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';
import { LineSplitter } from './lineSplitter';

const CHUNK = 1 << 20;
/** How much of the file's beginning is kept to know it again. */
const HEAD = 512;

/**
 * Follows a file that other processes append lines to. It polls, since file watchers are silent
 * on network drives; a watcher only makes it look sooner.
 */
export class EventTail {
  readonly #splitter = new LineSplitter();
  #offset = 0;
  /** First bytes of the file as they were read: a file written anew may get the same inode. */
  #head = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;
  #watcher: FSWatcher | undefined;
  #reading: Promise<void> | undefined;
  #disposed = false;

  /**
   * @param file need not be there yet
   * @param onLines gets complete lines only; `reset` says that the file began anew (truncated,
   * replaced, deleted) and that all lines told before are void. What it throws is swallowed.
   */
  constructor(
    private readonly file: string,
    private readonly onLines: (lines: readonly string[], reset: boolean) => void,
    private readonly pollMilliseconds = 250,
  ) {}

  /** Starts to follow. */
  start(): void {
    if (this.#disposed || this.#timer !== undefined) return;
    this.#timer = setInterval(() => void this.readNow(), this.pollMilliseconds);
    try {
      this.#watcher = watch(dirname(this.file), () => void this.readNow());
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // Polling does the work.
    }
    void this.readNow();
  }

  /** Reads what is there at the time of the call or later. Never throws. */
  async readNow(): Promise<void> {
    await this.#reading;
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  /** Stops to follow; no line is told any more. */
  dispose(): void {
    this.#disposed = true;
    clearInterval(this.#timer);
    this.#watcher?.close();
  }

  async #read(): Promise<void> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(this.file, 'r');
      if (await this.#beganAnew(handle)) this.#reset();
      await this.#readChunks(handle);
    } catch (error) {
      // Any other fault may pass: the next poll tries again.
      if (isGone(error) && this.#offset > 0) this.#reset();
    } finally {
      await handle?.close();
    }
  }

  async #beganAnew(handle: FileHandle): Promise<boolean> {
    const head = Buffer.alloc(this.#head.length);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    const { size } = await handle.stat();
    return size < this.#offset || bytesRead < head.length || !head.equals(this.#head);
  }

  async #readChunks(handle: FileHandle): Promise<void> {
    for (;;) {
      const { size } = await handle.stat();
      const buffer = Buffer.alloc(Math.min(CHUNK, Math.max(0, size - this.#offset)));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, this.#offset);
      if (bytesRead === 0 || this.#disposed) return;
      const chunk = buffer.subarray(0, bytesRead);
      if (this.#head.length < HEAD) {
        this.#head = Buffer.concat([this.#head, chunk]).subarray(0, HEAD);
      }
      this.#offset += bytesRead;
      const lines = this.#splitter.push(chunk);
      if (lines.length > 0) this.onLines(lines, false);
    }
  }

  #reset(): void {
    this.#offset = 0;
    this.#head = Buffer.alloc(0);
    this.#splitter.clear();
    if (!this.#disposed) this.onLines([], true);
  }
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
