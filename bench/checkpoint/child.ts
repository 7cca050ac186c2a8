/**
 * `TASK ROUNDS FILE…`: the work of a bench in a process of its own, as it ships (bundled, without a loader), so that its
 * memory can be told. Prints JSON: milliseconds of each round, and the peak of resident memory.
 */
import { readFileSync } from 'node:fs';
import { comparisonVerdict } from '../../src/model/compare/verdict';
import type { CheckpointFile } from '../../src/model/jobs/jobs';
import { performJob } from '../../src/model/jobs/performJob';

const [task, rounds, ...paths] = process.argv.slice(2);
const files = paths.map((path): CheckpointFile => ({ name: path, path }));
const [first] = files;
if (first === undefined) throw new Error('no file');

const ours: number[] = [];
const plain: number[] = [];
let found: unknown;
const header = task === 'listAndParse' ? headerOf(first.name) : '';
for (let round = 0; round < Number(rounds); round++) {
  if (task === 'list') {
    found = timed(ours, () => performJob({ kind: 'list', file: first })).models[0]?.tensors.length;
  } else if (task === 'listAndParse') {
    const turns = [
      () => timed(plain, () => JSON.parse(header) as object),
      () => timed(ours, () => performJob({ kind: 'list', file: first })),
    ];
    // Whoever comes second cleans up after the first, so they take turns.
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) turn();
  } else {
    const job = { kind: 'compare', files, config: null, inspection: null } as const;
    const comparison = timed(ours, () => performJob(job));
    found = { verdict: comparisonVerdict(comparison), bytesRead: comparison.bytesRead };
  }
}
// Of the kernel, in kilobytes.
const peak = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ ours, plain, found, peak }));

function timed<T>(times: number[], action: () => T): T {
  const start = performance.now();
  const result = action();
  times.push(performance.now() - start);
  return result;
}

function headerOf(path: string): string {
  const bytes = readFileSync(path);
  return bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString('utf8');
}
