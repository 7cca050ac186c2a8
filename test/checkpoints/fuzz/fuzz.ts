import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { NODE_BUNDLE } from '../../hook/bundles';
import type { Line } from './lines';

export interface Figures {
  /** By kind of reader. */
  readonly files: ReadonlyMap<string, number>;
  readonly outcomes: ReadonlyMap<string, number>;
  /** Milliseconds of processor time that the slowest file took. */
  readonly slowest: number;
  /** The most bytes that the process used. */
  readonly memory: number;
  readonly seconds: number;
  readonly problems: readonly string[];
}

const CORPUS = fileURLToPath(new URL('corpus', import.meta.url));
/** Megabytes of JavaScript's own heap. */
const HEAP = 192;
/** Milliseconds without a word after which a file is said to hang. */
const SILENCE = 20_000;
const MOST_PROBLEMS = 50;
/** Reading files is all that is allowed: no process, no thread, no write, no code from text. */
const LOCKED = [
  process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission',
  '--allow-fs-read=*',
  '--disallow-code-generation-from-strings',
  '--disable-warning=ExperimentalWarning',
];

/** Tries mutated files number `from` to `to` - 1, as long as there is time. */
export async function fuzz(options: {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}): Promise<Figures> {
  const scratch = mkdtempSync(join(tmpdir(), 'permafrost-fuzz-'));
  const program = join(scratch, 'child.cjs');
  const figures = new Counting();
  try {
    const entry = fileURLToPath(new URL('child.ts', import.meta.url));
    await build({
      ...NODE_BUNDLE,
      entryPoints: [entry],
      outfile: program,
    });
    const end = Date.now() + options.seconds * 1000;
    for (let { from } = options; from < options.to; from = figures.last + 1) {
      const left = (end - Date.now()) / 1000;
      if (left <= 0 || figures.problems.length >= MOST_PROBLEMS) break;
      const done = await tryFrom(program, { ...options, from, seconds: left }, figures);
      // One that ends before it tries anything would do so for ever.
      if (done || figures.last < from) break;
    }
    return figures;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Whether it came to its end; otherwise the last file that began ended it. */
async function tryFrom(
  program: string,
  { seed, from, to, seconds }: Parameters<typeof fuzz>[0],
  figures: Counting,
): Promise<boolean> {
  const child = spawn(
    process.execPath,
    [
      ...[...LOCKED, `--max-old-space-size=${HEAP}`, program],
      ...[CORPUS, seed, from, to, Math.min(seconds, 1e6)].map(String),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: {} },
  );
  let silence: NodeJS.Timeout | undefined;
  const listen = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => child.kill('SIGKILL'), SILENCE);
  };
  listen();
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-4000)));
  const closed = new Promise<NodeJS.Signals | number | null>((resolve) => {
    child.once('close', (code, signal) => {
      resolve(signal ?? code);
    });
  });
  let done = false;
  for await (const text of createInterface({ input: child.stdout })) {
    listen();
    const line = JSON.parse(text) as Line;
    figures.count(line);
    done ||= line.type === 'done';
  }
  const how = await closed;
  clearTimeout(silence);
  if (!done) figures.ended(how, words);
  return done;
}

class Counting implements Figures {
  readonly files = new Map<string, number>();
  readonly outcomes = new Map<string, number>();
  readonly problems: string[] = [];
  slowest = 0;
  memory = 0;
  last = -1;
  readonly #start = performance.now();

  get seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }

  count(line: Line): void {
    if (line.type === 'begin') this.last = line.index;
    if (line.type === 'problem') this.problems.push(`${line.index} ${line.name}: ${line.text}`);
    if (line.type === 'done') this.memory = Math.max(this.memory, line.memory);
    if (line.type !== 'end') return;
    const outcome = typeof line.outcome === 'string' ? line.outcome : 'crashed';
    this.files.set(line.kind, (this.files.get(line.kind) ?? 0) + 1);
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    this.slowest = Math.max(this.slowest, line.milliseconds);
  }

  ended(how: NodeJS.Signals | number | null, words: string): void {
    const file = this.last < 0 ? 'nothing yet' : String(this.last);
    this.problems.push(`${file} ended its process (${String(how)}): ${words}`);
  }
}

/** What was tried, in a few lines. */
export function describeFigures(figures: Figures): string {
  const list = (counts: ReadonlyMap<string, number>): string =>
    [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
  const total = [...figures.files.values()].reduce((sum, count) => sum + count, 0);
  const megabytes = (figures.memory / 2 ** 20).toFixed(0);
  return [
    `${total} mutated files in ${figures.seconds.toFixed(1)} s: ${list(figures.outcomes)}`,
    `readers: ${list(figures.files)}`,
    `slowest ${figures.slowest.toFixed(0)} ms of processor time, memory at most ${megabytes} MB`,
    `${figures.problems.length} problems`,
    ...figures.problems,
  ].join('\n');
}
