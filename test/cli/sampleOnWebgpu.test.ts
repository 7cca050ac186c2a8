import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { hasSwiftShader, SWIFTSHADER, webgpuHome } from '../hook/swiftShader';
import { makeProject, notes, permafrost } from './project';

const sample = fileURLToPath(new URL('../../samples/tfjs-digits', import.meta.url));
/** Batches of an epoch of the sample. */
const BATCHES = 23;
let folder: string;

beforeAll(async () => {
  folder = await makeProject({});
  await cp(sample, folder, { recursive: true });
  const config = await readFile(join(sample, 'permafrost.json'), 'utf8');
  await writeFile(join(folder, 'permafrost.json'), config.replace('{', '{ "engine": "webgpu",'));
  const script = await readFile(join(sample, 'train.js'), 'utf8');
  const callback = 'onEpochEnd: (epoch, { loss';
  expect(script).toContain(callback);
  const sabotage = `onBatchEnd: () => {
    if (++batches !== ${String(3 * BATCHES)}) return;
    const { kernel } = model.getLayer('conv1');
    const values = kernel.read().dataSync().slice();
    values[3] += 1e-7;
    kernel.write(tf.tensor(values, kernel.shape));
  },`;
  const sabotaged = script.replace(callback, `${sabotage} ${callback}`);
  await writeFile(join(folder, 'train.js'), `let batches = 0;\n${sabotaged}`);
  for (const [name, value] of Object.entries(SWIFTSHADER)) vi.stubEnv(name, value);
  if (hasSwiftShader) vi.stubEnv('PERMAFROST_ENGINE_HOMES', await webgpuHome());
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

it.skipIf(!hasSwiftShader)(
  'trains as on the CPU, its frozen tensors intact until one is moved by 1e-7 in epoch 3',
  async () => {
    const result = await permafrost(folder, 'run', '--', 'node', 'train.js', '3');
    const [before, ...after] = [...result.stdout.matchAll(/accuracy (\d\.\d+)/g)].map(([, text]) =>
      Number(text),
    );
    // Of the weights that the sample comes with, as pure JavaScript has it too.
    expect(before).toBe(0.272);
    expect(after).toHaveLength(3);
    expect(after[2]).toBeGreaterThan(0.85);
    expect(notes(result)).toContain('epoch 2/3: 12 frozen intact');
    expect(notes(result)).toContainEqual(expect.stringMatching(/^epoch 3\/3: conv1\/kernel moved/));
    expect(result.code).toBe(3);
    const report = await permafrost(folder, 'report');
    expect(report.stdout).toContain('SwiftShader (software, WebGPU)');
  },
);
