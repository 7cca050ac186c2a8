// Mutates and tries checkpoints in a process that may read files and nothing else:
// `child.cjs CORPUS SEED FROM TO SECONDS`. Prints a `Line` of JSON for what happens.
import { writeSync } from 'node:fs';
import { Random } from '../bytes/random';
import type { Line } from './lines';
import { mutate } from './mutate';
import { readSeeds, type Seed } from './seeds';
import { tryCheckpoint } from './try';

const [corpus = '', ...numbers] = process.argv.slice(2);
const [seed = 0, from = 0, to = 0, seconds = Infinity] = numbers.map(Number);
/** Processor time in milliseconds that a small file may take, and bytes that memory may grow by. */
const MOST_TIME = 1000;
const MOST_GROWTH = 256 * 1024 * 1024;

const seeds = readSeeds(corpus);
const end = performance.now() + seconds * 1000;
for (let index = from; index < to && performance.now() < end; index += 1) {
  const base = seeds[index % seeds.length];
  if (base === undefined) throw new Error('the corpus is empty');
  const mutant = mutate(base, new Random(seed * 0x9e3779b1 + index), seeds);
  say({ type: 'begin', index });
  const memory = process.memoryUsage.rss();
  const { outcome, milliseconds } = timed(mutant);
  say({ type: 'end', index, kind: base.kind, outcome, milliseconds });
  const growth = process.memoryUsage.rss() - memory;
  const name = `${base.kind}/${base.main}`;
  const problem = (text: string): void => {
    say({ type: 'problem', index, name, text });
  };
  if (typeof outcome !== 'string') problem(outcome.crash);
  // Once more, as the collector of garbage or another process may have been in between.
  if (milliseconds > MOST_TIME && timed(mutant).milliseconds > MOST_TIME) {
    problem(`it took ${milliseconds.toFixed(0)} ms`);
  }
  if (growth > MOST_GROWTH) problem(`it took ${(growth / 2 ** 20).toFixed(0)} MB`);
}
say({ type: 'done', memory: process.resourceUsage().maxRSS * 1024 });

function timed(mutant: Seed): {
  readonly outcome: Extract<Line, { type: 'end' }>['outcome'];
  readonly milliseconds: number;
} {
  const before = process.cpuUsage();
  let outcome: Extract<Line, { type: 'end' }>['outcome'];
  try {
    outcome = tryCheckpoint(mutant);
  } catch (error) {
    outcome = { crash: error instanceof Error ? String(error.stack) : String(error) };
  }
  const { user, system } = process.cpuUsage(before);
  return { outcome, milliseconds: (user + system) / 1000 };
}

function say(line: Line): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}
