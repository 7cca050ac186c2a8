/**
 * Comparing two equal safetensors files of 2 GB against `cmp`, in turn, from the start of each
 * process to its end. Both files are in the system's cache: 4 GB of memory and of disk. Prints the
 * median ratio, the fastest times (other work on the machine disturbs some), and the peak of
 * resident memory.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { expectFound, MOST_MEMORY, Scratch } from './checkpoint/measure';
import { writeSafetensors } from './checkpoint/safetensors';
import { median } from './median';

const TENSORS = 128;
const BYTES = 2 ** 31;
const ROUNDS = 9;
const TARGET = 1.2;

const scratch = new Scratch();
try {
  const [before, after] = ['before', 'after'].map((name) => scratch.path(`${name}.safetensors`));
  if (before === undefined || after === undefined) throw new Error('no files');
  const names = Array.from({ length: TENSORS }, (_, at) => `layers.${at}.weight`);
  writeSafetensors(before, names, BYTES / TENSORS);
  copyFileSync(before, after);
  const times = { ours: [] as number[], cmp: [] as number[] };
  let peak = 0;
  const turns = [
    () => {
      execFileSync('cmp', [before, after]);
      return times.cmp;
    },
    () => {
      const measured = scratch.measure('compare', 1, before, after);
      const verdict = { kind: 'equal', tensors: TENSORS, by: 'bytes' };
      expectFound(measured.found, { verdict, bytesRead: 2 * BYTES });
      peak = Math.max(peak, measured.peak);
      return times.ours;
    },
  ];
  for (const turn of turns) turn();
  for (let round = 0; round < ROUNDS; round++) {
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) {
      const start = performance.now();
      turn().push(performance.now() - start);
    }
  }
  const ratio = median(times.ours.map((time, round) => time / (times.cmp[round] ?? NaN)));
  const fastest = Math.min(...times.ours) / Math.min(...times.cmp);
  console.log(
    `checkpointDiff: ratio ${ratio.toFixed(2)} (${median(times.ours).toFixed(0)} ms against ` +
      `${median(times.cmp).toFixed(0)} ms for cmp, two files of ${BYTES / 2 ** 30} GB, median of ` +
      `${ROUNDS}; the fastest ${Math.min(...times.ours).toFixed(0)} and ` +
      `${Math.min(...times.cmp).toFixed(0)} ms, ratio ${fastest.toFixed(2)}; target ${TARGET}); ` +
      `${peak.toFixed(0)} MB resident of ${MOST_MEMORY}`,
  );
  process.exitCode = ratio <= TARGET && peak <= MOST_MEMORY ? 0 : 1;
} finally {
  scratch.dispose();
}
