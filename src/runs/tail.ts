import { open, type FileHandle } from 'node:fs/promises';
import { watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';
import { LineSplitter } from './lineSplitter';

const CHUNK = 1 << 20;

/**
 * Follows a file that other processes append lines to. It polls, since file watchers are silent
 * on network drives; a watcher only makes it look sooner.
 */
export class EventTail {
  readonly #splitter = new LineSplitter();
  #offset = 0;
  /** Identity of the file that was read; null before the first read. */
  #inode: bigint | null = null;
  #timer: NodeJS.Timeout | undefined;
  #watcher: FSWatcher | undefined;
  #reading: Promise<void> | undefined;
  #disposed = false;

  /**
   * @param onLines gets complete lines only; `reset` says that the file began anew (truncated,
   * replaced, deleted) and that all lines told before are void
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

  /** Reads what is there now. Never throws. */
  async readNow(): Promise<void> {
    const before = this.#reading;
    if (before !== undefined) await before;
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
      const { size, ino } = await handle.stat({ bigint: true });
      const anew = this.#inode !== null && (ino !== this.#inode || size < BigInt(this.#offset));
      if (anew) this.#reset();
      this.#inode = ino;
      await this.#readChunks(handle);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && this.#inode !== null) this.#reset();
    } finally {
      await handle?.close();
    }
  }

  async #readChunks(handle: FileHandle): Promise<void> {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK, this.#offset);
      if (bytesRead === 0 || this.#disposed) return;
      this.#offset += bytesRead;
      const lines = this.#splitter.push(buffer.subarray(0, bytesRead));
      if (lines.length > 0) this.onLines(lines, false);
    }
  }

  #reset(): void {
    this.#offset = 0;
    this.#inode = null;
    this.#splitter.clear();
    if (!this.#disposed) this.onLines([], true);
  }
}
