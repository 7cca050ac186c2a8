// What frozen tensors are compared by, on every engine that runs here.
import { build } from 'esbuild';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { realHome } from '../engines/projects';
import { bundleFolder, NODE_BUNDLE, root } from './bundles';
import { eventsOf, ownLines, runHooked, verdicts, type Options } from './runScript';
import { hasSwiftShader, SWIFTSHADER, webgpuHome } from './swiftShader';

const freeze = ['conv1/**', 'bn1/**'];

/** Tricks of sabotage.cjs that move the kernel or the bias, with what the report says of each. */
const moves = {
  'set-weights': ['conv1/kernel', 'set-weights', 1],
  assign: ['conv1/kernel', 'assign', 1],
  'in-place': ['conv1/kernel', 'in-place', 1],
  'zero-sign': ['conv1/bias', 'in-place', 1],
  'nan-payload': ['conv1/bias', 'in-place', 1],
  'swapped-rows': ['conv1/kernel', 'assign', 8],
  'one-bit': ['conv1/kernel', 'in-place', 1],
  'kept-sum': ['conv1/kernel', 'in-place', 2],
  'two-signs': ['conv1/kernel', 'in-place', 2],
  optimizer: ['conv1/kernel', 'optimizer', 36],
} as const;
const others = ['set-equal-weights', 'load', 'load-equal', 'own-normalization', 'dispose'];
const tricks = [...Object.keys(moves), ...others];

/** The digests of test/unit/tfjs/rowHash.test.ts. */
const vectors = [
  'd8c14e1dcb87b07815d62d2cd63af44a33bf2f4b6e8ca5c74cabf50f0ad3bc45',
  '7def52748703cb23ade42786156982b6381dbf4b28328b12af2134728dd810cd',
  '586d943728623bab7c67ab7e20dbdb1e02cb16de8003d315c682a448cbb4e2df',
  '47f6745c61e83b0368fc0b6c9e17fd1d4d70f33d0635ed7cfed7eeec2bab0c7a',
];

let corpus = '';

beforeAll(async () => {
  corpus = join(await bundleFolder(), 'corpus.cjs');
  const entryPoints = ['test/hook/onEngines/corpus.ts'];
  await build({ ...NODE_BUNDLE, entryPoints, outfile: corpus });
});

/** All sabotage in one process, one model for each trick. */
async function sabotage(options: Options, onDevice: boolean): Promise<void> {
  const config = { freeze, ...(options.config as object | undefined) };
  const result = await runHooked('sabotage.cjs', { ...options, config, args: tricks });
  const seen = new Set(verdicts(result));
  for (const [trick, [name, cause, elements]] of Object.entries(moves)) {
    expect(seen).toContain(`${trick} 1: 6 intact`);
    for (const epoch of [2, 3])
      expect(seen).toContain(`${trick} ${epoch}: 5 intact, ${name} moved`);
    const event = eventsOf(result, 'verified').find(
      ({ model, epoch }) => model === trick && epoch === 2,
    );
    const measured = onDevice ? null : elements;
    expect(event?.findings).toMatchObject([{ name, elements: measured, cause: { kind: cause } }]);
    expect(event?.method).toBe(onDevice ? 'fingerprint' : 'bytes');
    expect(event?.onDevice).toBe(onDevice ? 6 : undefined);
  }
  for (const epoch of [1, 2, 3]) {
    expect(seen).toContain(`set-equal-weights ${epoch}: 6 intact`);
    expect(seen).toContain(`load-equal ${epoch}: 6 intact`);
  }
  const rebased = ['conv1/kernel', 'bn1/gamma', 'bn1/moving_variance'];
  expect(seen).toContain(
    ['load 2: 3 intact', ...rebased.map((name) => `${name} rebased`)].join(', '),
  );
  expect(seen).toContain('load 3: 6 intact');
  expect(seen).toContain('own-normalization 1: 2 intact, bn1/moving_mean moved');
  expect(seen).toContain('dispose 2: 5 intact, conv1/kernel missing');
  expect(eventsOf(result, 'message').filter(({ code }) => code === 'hook-fault')).toEqual([]);
}

/** What test/hook/onEngines/corpus.ts prints. */
interface Outcome {
  readonly compared: number;
  readonly onDevice: number;
  /** Changes of which the number of elements is known. */
  readonly measured: number;
  /** How often a large tensor was read that had not changed. */
  readonly readsOfLarge: number;
  readonly overlooked: readonly string[];
  readonly leaked: readonly string[];
  readonly vectors: readonly string[];
  /** What comparing came to when the device had failed. */
  readonly afterFailure: string;
}

async function runCorpus(args: readonly string[], options: Options = {}): Promise<Outcome> {
  const command = [process.execPath, corpus, ...args];
  const { stdout, stderr } = await runHooked('', { ...options, command });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Outcome;
}

const intact = { compared: 123, overlooked: [], leaked: [], vectors };

const home = homeOrNull();

/** The home of libtensorflow; null on a machine that cannot have it. */
function homeOrNull(): string | null {
  try {
    return realHome();
  } catch {
    return null;
  }
}

describe.skipIf(home === null)('libtensorflow', () => {
  const node = join(home ?? '', 'cpu/node_modules/@tensorflow/tfjs-node-gpu');
  const env = { TFJS: node, PERMAFROST_ENGINE_HOMES: home ?? '' };

  test.each(['device', 'host'])('catches all sabotage by fingerprints on the %s', async (mode) => {
    const options = { env: { ...env, PERMAFROST_FINGERPRINTS: mode } };
    await sabotage(options, mode === 'device');
  });

  test('fingerprints tensors on the device without reading them', async () => {
    expect(await runCorpus([node, 'device'])).toMatchObject({
      ...intact,
      ...{ onDevice: 122, readsOfLarge: 0, afterFailure: 'equal' },
    });
  });

  test('does so by itself with an accelerator, except for what lies with the host', async () => {
    expect(await runCorpus([node, 'auto', 'accelerated'])).toMatchObject({
      ...intact,
      ...{ onDevice: 121, readsOfLarge: 0 },
    });
  });

  test('compares large tensors with copies, without reading them, when there is none', async () => {
    expect(await runCorpus([node, 'auto'])).toMatchObject({
      ...intact,
      ...{ onDevice: 0, measured: 123, readsOfLarge: 0, afterFailure: 'equal' },
    });
  });
});

describe.skipIf(!hasSwiftShader)('WebGPU', () => {
  const config = { freeze, engine: 'webgpu' };
  let env: Readonly<Record<string, string>> = {};
  beforeAll(async () => {
    env = { ...SWIFTSHADER, PERMAFROST_ENGINE_HOMES: await webgpuHome() };
  });

  test('catches all sabotage by fingerprints on the device', async () => {
    await sabotage({ env, config }, true);
  });

  test('"stop" ends with code 3', async () => {
    const result = await runHooked('sabotage.cjs', {
      args: ['one-bit'],
      config: { ...config, onMove: 'stop' },
      env,
    });
    expect(ownLines(result)).toEqual([
      'permafrost: net: frozen tensor conv1/kernel moved in epoch 2; training stopped',
    ]);
    expect(result.code).toBe(3);
  });

  test('fingerprints tensors without reading them, and says when the device is lost', async () => {
    const tfjs = join(root, 'node_modules/@tensorflow/tfjs');
    expect(await runCorpus([tfjs, 'auto'], { env, config })).toMatchObject({
      ...intact,
      ...{ onDevice: 122, readsOfLarge: 0 },
      afterFailure: 'the device gave no fingerprint: AbortError',
    });
  });

  test.each([
    ['moved', ['1: 1 intact', '2: 1 intact', '3: 0 intact, kernel moved']],
    ['after', ['1: 1 intact', '2: 1 intact', '3: 1 intact', '3 at exit: 0 intact, kernel moved']],
    ['leaves', ['1: 1 intact', '2: 1 intact', '3 at exit: 0 intact, kernel not verified']],
  ])('brought along by the script, where only promises tell: %s', async (kind, expected) => {
    const file = join(root, 'test/hook/onEngines/own-webgpu.mjs');
    const result = await runHooked('', {
      command: [process.execPath, file, kind],
      config: { freeze: ['kernel'], epochSteps: 4 },
      env,
    });
    expect(verdicts(result)).toEqual(expected.map((line) => `variables ${line}`));
    expect(result.code).toBe(0);
  });
});
