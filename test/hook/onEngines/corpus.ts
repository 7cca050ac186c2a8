/**
 * Runs inside a process with an engine: takes references of tensors and changes them in every way
 * that a comparison may overlook. Prints what came of it as one line of JSON.
 */
import { createRequire } from 'node:module';
import { randomInt } from 'node:crypto';
import type { Buffer } from 'node:buffer';
import { placeOf, withHandle } from '../../../src/tfjs/proof/place';
import { Proofs, type Comparison, type FingerprintMode } from '../../../src/tfjs/proof/proofs';
import { makeWeights } from '../../../src/tfjs/proof/rowHash';
import { hashOnTensorflow } from '../../../src/tfjs/proof/tensorflowHash';
import { hashOnWebgpu } from '../../../src/tfjs/proof/webgpuHash';
import { References } from '../../../src/tfjs/references';
import type { TfTensor, TfVariable } from '../../../src/tfjs/tfjsTypes';

interface Backend {
  isUsingGpuDevice?: boolean;
  binding?: { getNumOfTensors(): number };
  device?: { destroy(): void };
  read(id: object): Promise<unknown>;
  readSync(id: object): unknown;
}

/** What the corpus needs of TensorFlow.js. */
interface Tf {
  tensor(values: ArrayLike<number>, shape: readonly number[], dtype?: string): TfTensor;
  complex(real: TfTensor, imaginary: TfTensor): TfTensor;
  variable(value: TfTensor, trainable: boolean): TfVariable;
  add(a: TfTensor, b: TfTensor): TfTensor;
  scalar(value: number, dtype?: string): TfTensor;
  memory(): { readonly numTensors: number; readonly numDataBuffers: number };
  engine(): unknown;
  backend(): Backend;
  tidy<T>(body: () => T): T;
}

const [engine = '', mode = 'auto', accelerated = ''] = process.argv.slice(2);
const tf = createRequire(__filename)(engine) as Tf;
if (accelerated === 'accelerated') tf.backend().isUsingGpuDevice = true;

/** How often the bytes of a tensor were read. */
let reads = 0;
const backend = tf.backend();
const [read, readSync] = [backend.read.bind(backend), backend.readSync.bind(backend)];
backend.read = (id) => {
  reads++;
  return read(id);
};
backend.readSync = (id) => {
  reads++;
  return readSync(id);
};

const KEY = globalThis.Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
const ROW = 2 ** 14;

type Words = Uint32Array;
type Change = (words: Words) => void;

/** Changes of a float tensor; each must be told from the original. */
const changes: Readonly<Record<string, Change>> = {
  'one bit': (words) => {
    flip(words, randomInt(words.length), randomInt(32));
  },
  'the last bit': (words) => {
    flip(words, words.length - 1, 31);
  },
  'the first bit': (words) => {
    flip(words, 0, 0);
  },
  'sign of zero': (words) => (words[1] = 0x80000000),
  'NaN payload': (words) => (words[2] = 0x7fc00001),
  'two signs': (words) => {
    flip(words, 3, 31);
    flip(words, words.length - 2, 31);
  },
  'sum kept': (words) => {
    words[3] = (words[3] ?? 0) + 1;
    words[4] = (words[4] ?? 0) - 1;
  },
  'two elements swapped': (words) => {
    words.set([words[4] ?? 0, words[3] ?? 0], 3);
  },
  'halves swapped': (words) => (words[3] = ((words[3] ?? 0) << 16) | ((words[3] ?? 0) >>> 16)),
  'two rows swapped': (words) => {
    const half = words.length >> 1;
    const first = words.slice(0, half);
    words.copyWithin(0, half, 2 * half);
    words.set(first, half);
  },
  reversed: (words) => words.reverse(),
  'rotated by one': (words) => {
    words.set([...words.subarray(1), words[0] ?? 0]);
  },
};

function flip(words: Words, at: number, bit: number): void {
  words[at] = (words[at] ?? 0) ^ (1 << bit);
}

/** Floats of all kinds in one row, at its end, across rows. */
const SIZES = [8, 1000, ROW, ROW + 1, 8 * ROW + 77];

function original(length: number): Words {
  const words = Uint32Array.from(
    { length },
    (_, at) => 0x3f800000 + (Math.imul(at, 2654435761) % 2 ** 20),
  );
  words.set([0x3f800000, 0, 0x7fc00000], 0);
  return words;
}

const floats = (words: Words): Float32Array => new Float32Array(words.buffer);

async function compareBoth(
  proofs: Proofs,
  variable: TfVariable,
  reference: ReturnType<Proofs['take']>,
): Promise<Comparison> {
  const later = await proofs.compareLater(variable, reference)();
  if (proofs.mustWait(variable)) return later;
  const now = proofs.compare(variable, reference);
  return now.kind === later.kind ? later : { kind: 'unknown', reason: 'now and later disagree' };
}

async function main(): Promise<void> {
  const proofs = new Proofs(new References(2 ** 30), mode as FingerprintMode, () => tf.engine());
  const handles = (): number => tf.backend().binding?.getNumOfTensors() ?? 0;
  // The weights that stay on the device.
  proofs.take(tf.variable(tf.tensor([1], [1]), false), null);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const overlooked: string[] = [];
  const seen: Comparison[] = [];
  let readsOfLarge = 0;
  const before = { ...tf.memory(), handles: handles() };
  const assign = (variable: TfVariable, words: Words, shape: readonly number[]): void => {
    const value = tf.tensor(floats(words), shape);
    variable.assign(value);
    value.dispose();
  };
  for (const size of SIZES) {
    for (const used of [false, true]) {
      const value = tf.tensor(floats(original(size)), [size]);
      const variable = tf.variable(value, false);
      value.dispose();
      const use = (): void => {
        if (used) tf.add(variable, variable).dispose();
      };
      use();
      const reference = tf.tidy(() => proofs.take(variable, null));
      for (const [name, change] of Object.entries(changes)) {
        const words = original(size);
        change(words);
        assign(variable, words, [size]);
        use();
        const changed = await compareBoth(proofs, variable, reference);
        assign(variable, original(size), [size]);
        use();
        const readsBefore = reads;
        const same = await compareBoth(proofs, variable, reference);
        if (used && size === SIZES.at(-1)) readsOfLarge += reads - readsBefore;
        if (changed.kind !== 'different' || same.kind !== 'equal') {
          overlooked.push(`${name} of ${size}: ${changed.kind}, then ${same.kind}`);
        }
        seen.push(changed);
      }
      proofs.release(reference);
      variable.dispose();
    }
  }
  for (const [dtype, values, others] of [
    ['int32', [1, -2, 3], [1, -2, 4]],
    ['bool', [1, 0, 1], [1, 1, 1]],
  ] as const) {
    const [value, other] = [tf.tensor(values, [3], dtype), tf.tensor(others, [3], dtype)];
    await check(dtype, value, other);
  }
  async function check(dtype: string, value: TfTensor, other: TfTensor): Promise<void> {
    const variable = tf.variable(value, false);
    const reference = await proofs.takeAsync(variable, null);
    const same = await compareBoth(proofs, variable, reference);
    variable.assign(other);
    const changed = await compareBoth(proofs, variable, reference);
    if (changed.kind !== 'different' || same.kind !== 'equal') {
      overlooked.push(`${dtype}: ${changed.kind}, ${same.kind}: ${JSON.stringify(same)}`);
    }
    seen.push(changed);
    for (const each of [variable, value, other]) each.dispose();
    proofs.release(reference);
  }

  const after = { ...tf.memory(), handles: handles() };
  const leaked = (['numTensors', 'numDataBuffers', 'handles'] as const).filter(
    (key) => before[key] !== after[key],
  );
  // TensorFlow.js itself leaks the parts of a complex tensor on WebGPU.
  const complex = (...imaginary: number[]): TfTensor =>
    tf.tidy(() => tf.complex(tf.tensor([1, 2], [2]), tf.tensor(imaginary, [2])));
  await check('complex64', complex(3, 4), complex(4, 3));

  const count = (test: (each: Comparison) => boolean): number => seen.filter(test).length;
  const result = {
    compared: seen.length,
    onDevice: count((each) => each.kind !== 'unknown' && each.onDevice),
    byCopy: count((each) => each.kind !== 'unknown' && each.method === 'bytes'),
    measured: count((each) => each.kind !== 'unknown' && each.elements !== null),
    ...{ readsOfLarge, overlooked, leaked, vectors: await vectors() },
    afterFailure: await afterFailure(proofs),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** What comparing an unchanged tensor comes to when the device fails. */
async function afterFailure(proofs: Proofs): Promise<string> {
  const variable = tf.variable(tf.tensor([1, 2, 3], [3]), false);
  tf.add(variable, variable).dispose();
  const reference = proofs.take(variable, null);
  const { binding, device } = backend;
  if (binding !== undefined) {
    const executeOp = (): never => {
      throw new Error('out of memory');
    };
    backend.binding = Object.create(binding, { executeOp: { value: executeOp } }) as typeof binding;
  }
  device?.destroy();
  const result = await proofs.compareLater(variable, reference)();
  return result.kind === 'unknown' ? result.reason : result.kind;
}

/** The digests of test/unit/tfjs/rowHash.test.ts, as this engine computes them. */
async function vectors(): Promise<readonly string[]> {
  const digests: string[] = [];
  const weights = makeWeights(KEY);
  const sets = [
    Uint32Array.of(0),
    Uint32Array.of(0x80000000),
    ...[3, 3 * ROW + 5].map((length) =>
      Uint32Array.from({ length }, (_, at) => Math.imul(at + 1, 0x9e3779b1) >>> 0),
    ),
  ];
  for (const words of sets) {
    const variable = tf.variable(tf.tensor(floats(words), [words.length]), false);
    const place = placeOf(tf.engine(), variable);
    let digest: Buffer | null = null;
    if (place.kind === 'tensorflow') {
      const { binding, dtype, elements } = place;
      digest = withHandle(place, (id) => hashOnTensorflow(binding, id, dtype, elements, weights));
    } else if (place.kind === 'webgpu') {
      digest = await hashOnWebgpu(place.backend, place.source, place.words, weights, null).later();
    }
    digests.push(digest?.toString('hex') ?? 'none');
  }
  return digests;
}

void main();
