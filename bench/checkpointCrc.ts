/**
 * Comparing two identical `.pt` files of 500 MB, written by `torch.save`, by the CRC-32 that they
 * hold: from opening them to the verdict, the first time in a process, when nothing is compiled, and
 * the median. Then the same content with its entries in another order, and with one bit of a tensor
 * changed. Target: a median of 20 ms.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTorch } from './checkpoint/findTorch';
import { expectFound, MOST_MEMORY, Scratch } from './checkpoint/measure';
import { median } from './median';

const TENSORS = 125;
const MB = 500;
const ROUNDS = 15;
const TARGET = 20;

const python = findTorch();
if (python === null) console.log('checkpointCrc: skipped, there is no Python with torch.');
else bench(python);

function bench(interpreter: string): void {
  const scratch = new Scratch();
  try {
    const writer = fileURLToPath(new URL('checkpoint/write_torch.py', import.meta.url));
    execFileSync(interpreter, [writer, scratch.folder, String(TENSORS), String(MB)]);
    const [before, same, reordered, changed] = ['before', 'same', 'reordered', 'changed'].map(
      (name) => join(scratch.folder, `${name}.pt`),
    );
    if (!before || !same || !reordered || !changed) throw new Error('no files');
    const equal = { verdict: { kind: 'equal', tensors: TENSORS, by: 'crc32' }, bytesRead: 0 };
    const results = [same, reordered].map((file) => {
      const { ours, found, peak } = scratch.measure('compare', ROUNDS, before, file);
      expectFound(found, equal);
      return { first: ours[0] ?? NaN, typical: median([...ours]), peak };
    });
    const { found, peak } = scratch.measure('compare', 1, before, changed);
    expectFound((found as { verdict: unknown }).verdict, { kind: 'different', tensors: 1 });
    const [one, other] = results.map(
      ({ first, typical }) => `${first.toFixed(1)} ms, then ${typical.toFixed(1)} ms`,
    );
    const slowest = Math.max(...results.map(({ typical }) => typical));
    const most = Math.max(peak, ...results.map((each) => each.peak));
    console.log(
      `checkpointCrc: ${(slowest / TARGET).toFixed(2)} of its target of ${TARGET} ms (two files of ` +
        `${MB} MB with ${TENSORS} tensors: ${one ?? ''}; entries in another order: ${other ?? ''}; ` +
        `median of ${ROUNDS}; one changed bit is found); ${most.toFixed(0)} MB resident of ${MOST_MEMORY}`,
    );
    process.exitCode = slowest <= TARGET && most <= MOST_MEMORY ? 0 : 1;
  } finally {
    scratch.dispose();
  }
}
