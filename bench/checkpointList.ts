/**
 * Listing a safetensors file of 100,000 tensors (open, check, names and shapes as `permafrost ls`
 * has them) against `JSON.parse` of its header, in turn in one process. Prints the median ratio, and
 * the peak of resident memory of a process that lists only.
 */
import { expectFound, MOST_MEMORY, Scratch } from './checkpoint/measure';
import { writeSafetensors } from './checkpoint/safetensors';
import { median } from './median';

const TENSORS = 100_000;
const ROUNDS = 15;
const TARGET = 3;

const scratch = new Scratch();
try {
  const file = scratch.path('model.safetensors');
  const parts = ['self_attn.q_proj.weight', 'self_attn.q_proj.bias', 'mlp.up_proj.weight', 'norm'];
  const names = Array.from(
    { length: TENSORS },
    (_, at) => `model.layers.${Math.floor(at / 4)}.${parts[at % 4] ?? ''}`,
  );
  writeSafetensors(file, names, 64);
  const { ours, plain } = scratch.measure('listAndParse', ROUNDS, file);
  const { found, peak } = scratch.measure('list', 1, file);
  expectFound(found, TENSORS);
  const ratio = median(ours.map((time, round) => time / (plain[round] ?? NaN)));
  console.log(
    `checkpointList: ratio ${ratio.toFixed(2)} (${median(ours).toFixed(0)} ms against ` +
      `${median(plain).toFixed(0)} ms for JSON.parse of the header, ${TENSORS} tensors, median of ` +
      `${ROUNDS}; target ${TARGET}); ${peak.toFixed(0)} MB resident of ${MOST_MEMORY}`,
  );
  process.exitCode = ratio <= TARGET && peak <= MOST_MEMORY ? 0 : 1;
} finally {
  scratch.dispose();
}
