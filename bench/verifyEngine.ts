/**
 * Verifying 64 MB of frozen float32 on tfjs-node-gpu (its CPU device) and on WebGPU, in turn with
 * `Buffer.equals` on two arrays of this process, which is the least that an exact comparison can
 * cost, and with what a script would have to do: `dataSync`, then `Buffer.equals` on a kept copy.
 * Prints the median ratios, and the fastest times: TensorFlow compares on all cores at once, so a
 * machine that is busy otherwise makes it look slower than it is. `npm run bench -- verifyEngine`
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Proofs, type FingerprintMode } from '../src/tfjs/proof/proofs';
import { References } from '../src/tfjs/references';
import { TrackedModel } from '../src/tfjs/trackedModel';
import type { TfTensor, TfVariable } from '../src/tfjs/tfjsTypes';
import { UnmovedWatch } from '../src/tfjs/unmovedWatch';
import { Verifier } from '../src/tfjs/verifier';
import { median } from './median';

interface Tf {
  randomNormal(shape: readonly number[]): TfTensor;
  square(x: TfTensor): TfTensor;
  variable(x: TfTensor): TfVariable;
  engine(): unknown;
  setBackend(name: string): Promise<boolean>;
}

const MB = 2 ** 20;
const TARGET = 1.5;
const BYTES = 64 * MB;
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const load = createRequire(import.meta.url);

interface Case {
  readonly name: string;
  readonly tensors: number;
  readonly mode: FingerprintMode;
  /** Bytes of memory for copies. */
  readonly budget: number;
  readonly rounds: number;
}

/** A model whose frozen tensors have all been used once, as training does. */
function frozenModel(tf: Tf, count: number): TrackedModel {
  const model = new TrackedModel('bench', 'bench', 'Sequential', null);
  model.tensors = Array.from({ length: count }, (_, index) => {
    const value = tf.randomNormal([BYTES / count / 4]);
    const variable = tf.variable(value);
    value.dispose();
    tf.square(variable).dispose();
    return {
      info: {
        name: `layer${index}/kernel`,
        kind: 'parameter',
        module: `layer${index}`,
        type: 'Dense',
        dtype: 'float32',
        shape: [variable.size],
      },
      tensor: {
        ...{ variable, homes: [], matching: new Set<number>(), spans: [], frozen: true },
        ...{ thawed: null, reference: null, cause: null, rebased: null, disposed: false },
      },
    };
  });
  return model;
}

function verifierOf(tf: Tf, mode: FingerprintMode, budget: number): Verifier {
  const proofs = new Proofs(new References(budget), mode, () => tf.engine());
  return new Verifier(proofs, new UnmovedWatch(proofs));
}

const bytesOf = (data: unknown): Buffer => {
  const { buffer, byteOffset, byteLength } = data as Float32Array;
  return Buffer.from(buffer, byteOffset, byteLength);
};

async function timed(times: number[], body: () => unknown): Promise<void> {
  const start = performance.now();
  if ((await body()) === false) throw new Error('what is equal was called different');
  times.push(performance.now() - start);
}

/** @returns the ratio to `Buffer.equals` */
async function measure(
  engine: string,
  tf: Tf,
  { name, tensors, mode, budget, rounds }: Case,
): Promise<number> {
  const model = frozenModel(tf, tensors);
  const verifier = verifierOf(tf, mode, budget);
  for (const { tensor } of model.tensors) await verifier.rebaseAsync(tensor);
  const kept: Buffer[] = [];
  for (const { tensor } of model.tensors) {
    kept.push(Buffer.from(bytesOf(await tensor.variable.data())));
  }
  const now = kept.map((each) => Buffer.from(each));
  const isNode = engine === 'tfjs-node-gpu';
  const times = { ours: [] as number[], equals: [] as number[], read: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    await timed(times.equals, () => kept.every((each, index) => now[index]?.equals(each)));
    await timed(times.ours, async () => {
      const result = isNode
        ? verifier.verify(model, null)
        : await verifier.verifyAsync(model, null);
      return result.intact === tensors;
    });
  }
  // Apart from the others: it leaves the caches and the heap full of copies.
  for (let round = 0; isNode && round < rounds; round++) {
    await timed(times.read, () =>
      model.tensors.every(({ tensor }, index) =>
        kept[index]?.equals(bytesOf(tensor.variable.dataSync())),
      ),
    );
  }
  const ratio = median(times.ours.map((time, round) => time / (times.equals[round] ?? NaN)));
  console.log(
    `verifyEngine: ${engine}, ${name}, ${BYTES / MB} MB in ${tensors}: ratio ${ratio.toFixed(2)} ` +
      `(${median(times.ours).toFixed(1)} ms against ${median(times.equals).toFixed(1)} ms` +
      (isNode ? `; ${median(times.read).toFixed(1)} ms by dataSync and Buffer.equals` : '') +
      `, median of ${rounds}; the fastest ${Math.min(...times.ours).toFixed(1)} and ` +
      `${Math.min(...times.equals).toFixed(1)} ms)`,
  );
  for (const { tensor } of model.tensors) tensor.variable.dispose();
  verifier.forget(model);
  return ratio;
}

const GIB = 2 ** 30;

async function onTensorflow(): Promise<void> {
  const name = 'tfjs-node-gpu';
  const installer = fileURLToPath(new URL('../scripts/install-engine.mjs', import.meta.url));
  const printed = execFileSync(process.execPath, [installer], { encoding: 'utf8' });
  const home = printed.trimEnd().split('\n').at(-1) ?? '';
  const tf = load(join(home, 'cpu/node_modules/@tensorflow', name)) as Tf;
  const kept = { mode: 'auto', budget: GIB, rounds: 31 } as const;
  const byCopy = { ...kept, name: "by TensorFlow's own compare" };
  const ratio = await measure(name, tf, { ...byCopy, tensors: 1 });
  await measure(name, tf, { ...byCopy, tensors: 64 });
  await measure(name, tf, { ...kept, name: 'SHA-256', tensors: 1, budget: 0, rounds: 9 });
  const device = { mode: 'device', budget: 0, rounds: 3 } as const;
  await measure(name, tf, { ...device, name: 'fingerprint by ops', tensors: 1 });
  console.log(`verifyEngine: ratio ${ratio.toFixed(2)}, target ${TARGET}`);
  process.exitCode = ratio <= TARGET ? 0 : 1;
}

async function onWebGpu(): Promise<void> {
  const dawn = (await import('webgpu')) as unknown as {
    create(options: readonly string[]): unknown;
    readonly globals: object;
  };
  Object.assign(globalThis, dawn.globals);
  const value = { gpu: dawn.create([]) };
  Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
  const tf = load('@tensorflow/tfjs') as Tf;
  load('@tensorflow/tfjs-backend-webgpu');
  await tf.setBackend('webgpu');
  const shared = { tensors: 1, mode: 'auto', budget: 0, rounds: 3 } as const;
  await measure('WebGPU on SwiftShader', tf, { ...shared, name: 'fingerprint by a kernel' });
}

/** One engine to a process: all copies of tfjs-core in one share a global object. */
function onEach(): void {
  const tsx = fileURLToPath(new URL('../node_modules/tsx/dist/cli.mjs', import.meta.url));
  const file = fileURLToPath(import.meta.url);
  const env = {
    ...process.env,
    VK_ICD_FILENAMES: SWIFTSHADER,
    // For the Vulkan loader, where Debian's own is not installed.
    LD_LIBRARY_PATH: dirname(SWIFTSHADER),
    TF_CPP_MIN_LOG_LEVEL: '2',
  };
  const runs = ['tensorflow', ...(existsSync(SWIFTSHADER) ? ['webgpu'] : [])].map((each) =>
    spawnSync(process.execPath, [tsx, file, each], { env, stdio: 'inherit' }),
  );
  if (runs.some(({ status }) => status !== 0)) process.exitCode = 1;
}

const [engine] = process.argv.slice(2);
if (engine === 'tensorflow') void onTensorflow();
else if (engine === 'webgpu') void onWebGpu();
else onEach();
