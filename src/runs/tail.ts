import { watch, type FSWatcher } from 'node:fs';
import { rankFiles } from './eventFiles';
import { FileTail } from './fileTail';
import { eventsFile } from './paths';

/**
 * Follows the event files of a run, to which other processes append lines: `events.jsonl` and one
 * file more for each further rank, which may appear at any time. It polls, since file watchers are
 * silent on network drives; a watcher only makes it look sooner.
 */
export class EventTail {
  readonly #tails = new Map<string, FileTail>();
  #timer: NodeJS.Timeout | undefined;
  #watcher: FSWatcher | undefined;
  #reading: Promise<void> | undefined;
  #disposed = false;

  /**
   * @param directory of the run; need not be there yet
   * @param onLines gets complete lines only, those of one file in their order; `reset` says that
   * a file began anew (truncated, replaced, deleted) and that all lines told before, of all files,
   * are void and will be told again as far as they are there. What it throws is swallowed.
   */
  constructor(
    private readonly directory: string,
    private readonly onLines: (lines: readonly string[], reset: boolean) => void,
    private readonly pollMilliseconds = 250,
  ) {}

  /** Starts to follow. */
  start(): void {
    if (this.#disposed || this.#timer !== undefined) return;
    this.#timer = setInterval(() => void this.readNow(), this.pollMilliseconds);
    try {
      this.#watcher = watch(this.directory, () => void this.readNow());
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
    // Twice at once for a file that began anew; the next look takes care of the rest.
    for (let pass = 0; pass < 2 && !(await this.#readAll()); pass++) {
      this.#tails.clear();
      this.#tell([], true);
    }
  }

  /**
   * The file with the launcher's last line is read last, and only as far as it was written before
   * the others were read: whoever reads of the run's end has read all that ranks told before it.
   * @returns false when a file began anew
   */
  async #readAll(): Promise<boolean> {
    const main = this.#tailOf(eventsFile(this.directory));
    const size = await main.size();
    for (const file of await rankFiles(this.directory)) this.#tailOf(file);
    for (const tail of this.#tails.values()) {
      if (tail !== main && !(await tail.read())) return false;
    }
    return main.read(size);
  }

  #tailOf(file: string): FileTail {
    const known = this.#tails.get(file);
    if (known !== undefined) return known;
    const tail = new FileTail(file, (lines) => {
      this.#tell(lines, false);
    });
    this.#tails.set(file, tail);
    return tail;
  }

  #tell(lines: readonly string[], reset: boolean): void {
    if (this.#disposed) return;
    try {
      this.onLines(lines, reset);
    } catch {
      // Of no concern to whoever reads next.
    }
  }
}
