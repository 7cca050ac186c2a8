import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeProject, notes, permafrost } from './project';

const sample = fileURLToPath(new URL('../../samples/tfjs-digits', import.meta.url));
let folder: string;
let script: string;

beforeAll(async () => {
  folder = await makeProject({});
  await cp(sample, folder, { recursive: true });
  script = await readFile(join(sample, 'train.js'), 'utf8');
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/**
 * Trains a copy of the sample for 3 epochs.
 * @param before done right before training
 * @param sabotage done after each batch, which knows `batch` (from 0) and `epochNow` (from 1)
 */
async function train(before: string, sabotage: string) {
  const [fit, callback] = ['  await model.fit(', 'onEpochEnd: (epoch, { loss'];
  expect(script).toContain(fit);
  expect(script).toContain(callback);
  await writeFile(
    join(folder, 'sabotaged.js'),
    script
      .replace('async function main', 'let epochNow = 0;\nasync function main')
      .replace(fit, `${before}\n${fit}`)
      .replace(
        callback,
        `onEpochBegin: (epoch) => { epochNow = epoch + 1; },
         onBatchEnd: (batch) => { ${sabotage} },
         ${callback}`,
      ),
  );
  return permafrost(folder, 'run', '--', 'node', 'sabotaged.js', '3');
}

const once = (action: string): string =>
  `if (epochNow === 2 && batch === 0) tf.tidy(() => { ${action} });`;

it('trains with every frozen tensor intact, and gets better', async () => {
  const result = await permafrost(folder, 'run', '--', 'node', 'train.js', '3');
  expect(result.code).toBe(0);
  expect(notes(result)).toContain('12 frozen tensors intact over 3 epochs.');
  const accuracies = [...result.stdout.matchAll(/accuracy (\d\.\d+)/g)].map(([, text]) =>
    Number(text),
  );
  expect(accuracies).toHaveLength(4);
  expect(accuracies[3]).toBeGreaterThan((accuracies[0] ?? 1) + 0.3);
});

it('with 1e-7 added to one element of a frozen kernel in epoch 2 is caught', async () => {
  const result = await train(
    '',
    once(`const { kernel } = model.getLayer('conv1');
      const values = kernel.read().dataSync().slice();
      values[3] += 1e-7;
      kernel.write(tf.tensor(values, kernel.shape));`),
  );
  expect(result.code).toBe(3);
  expect(notes(result)).toContainEqual(
    expect.stringMatching(/^epoch 2\/3: conv1\/kernel moved \(1 element, max \|Δ\| \d\.\de-[78]/),
  );
  expect(notes(result)).toContain('epoch 1/3: 12 frozen intact');
});

it('with 0.0 turned into -0.0 in epoch 2 is caught', async () => {
  const flip = (sign: string): string =>
    `const { bias } = model.getLayer('conv2');
      const values = bias.read().dataSync().slice();
      values[5] = ${sign}0;
      bias.write(tf.tensor(values, bias.shape));`;
  const result = await train(`tf.tidy(() => { ${flip('')} });`, once(flip('-')));
  expect(result.code).toBe(3);
  expect(notes(result)).toContainEqual(
    expect.stringMatching(/^epoch 2\/3: conv2\/bias moved \(1 element, max \|Δ\| 0/),
  );
});

it('whose BatchNormalization is run in training mode stands still under the rules', async () => {
  const forward = once(`model.apply(train.x.slice([0], [64]), { training: true });`);
  const held = await train('', forward);
  expect(held.code).toBe(0);
  expect(notes(held)).toContain('12 frozen tensors intact over 3 epochs.');
});

it('whose running statistics are moved past the hold in epoch 2 is caught', async () => {
  const result = await train(
    '',
    once(`const { movingMean } = model.getLayer('bn2');
      movingMean.write(movingMean.read().mul(0.99).add(0.001));`),
  );
  expect(result.code).toBe(3);
  expect(notes(result)).toContainEqual(
    expect.stringMatching(/^epoch 2\/3: bn2\/moving_mean moved/),
  );
});
