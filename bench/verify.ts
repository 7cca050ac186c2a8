/**
 * Verifying frozen tensors that are intact, against a plain loop of `Buffer.equals` on kept copies:
 * 100 MB of float32 in 200 tensors, both measured in turn in one process. Prints the median ratio.
 */
import { Proofs } from '../src/tfjs/proof/proofs';
import { References } from '../src/tfjs/references';
import { Verifier } from '../src/tfjs/verifier';
import { TrackedModel, type WatchedTensor } from '../src/tfjs/trackedModel';
import type { TfVariable } from '../src/tfjs/tfjsTypes';
import { UnmovedWatch } from '../src/tfjs/unmovedWatch';
import { median } from './median';

const TENSORS = 200;
const BYTES = 100 * 2 ** 20;
const ROUNDS = 41;
const TARGET = 1.5;

const arrays = Array.from({ length: TENSORS }, (_, index) => {
  const array = new Float32Array(BYTES / TENSORS / 4);
  for (let at = 0; at < array.length; at++) array[at] = Math.sin(index + at);
  return array;
});
const model = trackedModel(arrays);
const proofs = new Proofs(new References(2 * BYTES), 'auto', () => undefined);
const verifier = new Verifier(proofs, new UnmovedWatch(proofs));
for (const { tensor } of model.tensors) verifier.rebase(tensor);
const kept = arrays.map((array) => Buffer.from(Buffer.from(array.buffer)));

const ratios: number[] = [];
const times = { ours: [] as number[], plain: [] as number[] };
for (let round = 0; round < ROUNDS; round++) {
  // Whoever comes second finds warmer caches, so they take turns.
  const order = round % 2 === 0 ? ([ours, plain] as const) : ([plain, ours] as const);
  for (const measure of order) measure();
  ratios.push((times.ours.at(-1) ?? 0) / (times.plain.at(-1) ?? 1));
}
const ratio = median(ratios);
console.log(
  `verify: ratio ${ratio.toFixed(2)} (${median(times.ours).toFixed(1)} ms against ` +
    `${median(times.plain).toFixed(1)} ms for ${BYTES / 2 ** 20} MB in ${TENSORS} tensors, ` +
    `median of ${ROUNDS}; target ${TARGET})`,
);
process.exitCode = ratio <= TARGET ? 0 : 1;

function ours(): void {
  const start = performance.now();
  const { intact } = verifier.verify(model, null);
  times.ours.push(performance.now() - start);
  if (intact !== TENSORS) throw new Error(`${intact} of ${TENSORS} tensors intact`);
}

function plain(): void {
  const start = performance.now();
  let equal = 0;
  arrays.forEach((array, index) => {
    const { buffer, byteOffset, byteLength } = array;
    if (kept[index]?.equals(Buffer.from(buffer, byteOffset, byteLength))) equal++;
  });
  times.plain.push(performance.now() - start);
  if (equal !== TENSORS) throw new Error(`${equal} of ${TENSORS} buffers equal`);
}

function trackedModel(data: readonly Float32Array[]): TrackedModel {
  const tracked = new TrackedModel('bench', 'bench', 'Sequential', null);
  tracked.tensors = data.map((array, index) => ({
    info: {
      name: `layer${index}/kernel`,
      kind: 'parameter',
      module: `layer${index}`,
      type: 'Dense',
      dtype: 'float32',
      shape: [array.length],
    },
    tensor: frozen(array),
  }));
  return tracked;
}

function frozen(array: Float32Array): WatchedTensor {
  const variable = {
    dtype: 'float32',
    isDisposed: false,
    trainable: true,
    dataSync: () => array,
  } as unknown as TfVariable;
  return {
    variable,
    homes: [],
    matching: new Set(),
    spans: [],
    frozen: true,
    thawed: null,
    reference: null,
    cause: null,
    rebased: null,
    disposed: false,
  };
}
