import { buildSync } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the process that did the work printed. */
export interface Measured {
  /** Milliseconds of each round, without the start of Node. */
  readonly ours: readonly number[];
  /** Milliseconds of what it is compared with, where that is done in the same process. */
  readonly plain: readonly number[];
  readonly found: unknown;
  /** Peak of resident memory in MB. */
  readonly peak: number;
}

/** Resident memory that each may take, in MB. */
export const MOST_MEMORY = 300;

/** A folder for large files, and the work in a process of its own. */
export class Scratch {
  readonly folder = mkdtempSync(join(tmpdir(), 'permafrost-bench-'));
  readonly #child = join(this.folder, 'child.cjs');

  constructor() {
    buildSync({
      ...{ bundle: true, minify: true, platform: 'node', format: 'cjs', target: 'node20' },
      ...{ mainFields: ['module', 'main'], outfile: this.#child, logLevel: 'warning' },
      entryPoints: [fileURLToPath(new URL('child.ts', import.meta.url))],
    });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  measure(task: 'list' | 'listAndParse' | 'compare', rounds: number, ...files: string[]): Measured {
    const args = [this.#child, task, String(rounds), ...files];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Measured;
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Fails the bench when what it found is not what is there. */
export function expectFound(found: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`found ${a} instead of ${b}`);
}
