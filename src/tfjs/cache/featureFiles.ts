import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import * as z from 'zod/mini';
import { DiskRows } from './diskRows';

/** So many sets of features are kept from earlier runs, the latest ones. */
const KEEP = 4;
const ROWS = 'rows.bin';
const INDEX = 'index.json';

type Key = string | number;

/** Written last: a folder without it, or that differs from what it says, is never used. */
const indexFormat = z.object({
  v: z.literal(1),
  /** What the rows depend on, in full. */
  key: z.string(),
  rowBytes: z.int(),
  rows: z.int(),
  /** Of samples, with the number of the row of each. */
  entries: z.array(z.tuple([z.union([z.string(), z.int()]), z.int()])),
});
const fileFormat = z.object({ sha256: z.string(), index: z.string() });

/** A file of rows that this process has for itself. */
export interface OwnedFile {
  readonly file: DiskRows;
  /** The samples that an earlier run left in it. */
  readonly entries: readonly (readonly [Key, number])[];
  /** Leaves it to later runs. @param entries the samples that are in it now */
  leave(entries: [Key, number][]): void;
  remove(): void;
}

/**
 * Features on the disk: a folder for each set, `<hash>` when complete and `<hash>.<process>.partial`
 * while a process works on it, so that nobody uses what is half done.
 */
export class FeatureFiles {
  /** Whether it was told that files cannot be made. */
  private isTold = false;

  /**
   * @param folder `.permafrost/cache` of the project
   * @param warn is told, in a sentence, of a file that is not used
   */
  constructor(
    private readonly folder: string,
    private readonly warn: (text: string) => void,
  ) {}

  /** Whether there may be anything of earlier runs. */
  get isEmpty(): boolean {
    try {
      return readdirSync(this.folder).length === 0;
    } catch {
      return true;
    }
  }

  /** What an earlier run left for this key; null when there is none, or none that is whole. */
  claim(key: string, rowBytes: number): OwnedFile | null {
    const done = join(this.folder, hashOf(key));
    if (!existsSync(done)) return null;
    const own = this.partial(key);
    try {
      renameSync(done, own);
    } catch {
      return null;
    }
    try {
      const index = readIndex(join(own, INDEX));
      if (index.key !== key || index.rowBytes !== rowBytes) throw new Error('is of other features');
      const size = statSync(join(own, ROWS)).size;
      if (size !== DiskRows.size(index.rows, rowBytes)) throw new Error('is not as long as it was');
      rmSync(join(own, INDEX));
      return this.own(own, key, rowBytes, index.rows, index.entries);
    } catch (error) {
      rmSync(own, { recursive: true, force: true });
      this.warn(`The kept features in ${done} are not used: the file ${(error as Error).message}`);
      return null;
    }
  }

  /** A new file; null when it cannot be made. */
  create(key: string, rowBytes: number): OwnedFile | null {
    const own = this.partial(key);
    try {
      mkdirSync(own, { recursive: true });
      this.sweep();
      return this.own(own, key, rowBytes, 0, []);
    } catch (error) {
      if (!this.isTold) {
        this.warn(`Features cannot be kept in ${this.folder}: ${(error as Error).message}`);
      }
      this.isTold = true;
      return null;
    }
  }

  private own(
    folder: string,
    key: string,
    rowBytes: number,
    rows: number,
    entries: OwnedFile['entries'],
  ): OwnedFile {
    let isDamaged = false;
    const file = new DiskRows(join(folder, ROWS), key, rowBytes, rows, () => {
      if (!isDamaged) this.warn(`Features in ${folder} are damaged; they are computed again`);
      isDamaged = true;
    });
    const remove = (): void => {
      rmSync(folder, { recursive: true, force: true });
    };
    return {
      file,
      entries,
      leave: (left) => {
        file.close();
        try {
          const index = { v: 1 as const, key, rowBytes, rows: file.rows, entries: left };
          writeIndex(join(folder, INDEX), index);
          renameSync(folder, join(this.folder, hashOf(key)));
        } catch {
          // Another process has left the same.
          remove();
        }
      },
      remove: () => {
        file.close();
        remove();
      },
    };
  }

  private partial(key: string): string {
    return join(this.folder, `${hashOf(key)}.${process.pid}-${threadId}.partial`);
  }

  /** Removes what processes that are gone left half done, and old sets beyond the latest. */
  private sweep(): void {
    const done: { path: string; at: number }[] = [];
    for (const name of readdirSync(this.folder)) {
      const path = join(this.folder, name);
      const [, pid] = /\.(\d+)-\d+\.partial$/.exec(name) ?? [];
      if (pid === undefined) done.push({ path, at: statSync(path).mtimeMs });
      else if (!isAlive(Number(pid))) rmSync(path, { recursive: true, force: true });
    }
    for (const { path } of done.sort((a, b) => b.at - a.at).slice(KEEP)) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

function writeIndex(path: string, value: z.infer<typeof indexFormat>): void {
  const index = JSON.stringify(value);
  const sha256 = createHash('sha256').update(index).digest('hex');
  writeFileSync(path, JSON.stringify({ sha256, index }));
}

/** @throws Error with what is wrong, as the end of a sentence */
function readIndex(path: string): z.infer<typeof indexFormat> {
  const outer = fileFormat.safeParse(parsed(readFileSync(path, 'utf8')));
  if (!outer.success) throw new Error('has no valid index');
  const { sha256, index } = outer.data;
  if (createHash('sha256').update(index).digest('hex') !== sha256) {
    throw new Error('has a damaged index');
  }
  const inner = indexFormat.safeParse(parsed(index));
  if (!inner.success) throw new Error('has an index of another version');
  return inner.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
