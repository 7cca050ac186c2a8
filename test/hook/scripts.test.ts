import { expect, test } from 'vitest';
import { eventsOf, ownLines, runHooked, verdicts, type Options } from './runScript';

interface Case {
  readonly script: string;
  readonly config: object;
  readonly verdicts: readonly string[];
  readonly clocks: readonly string[];
  readonly options?: Options;
}

const epochs = (model: string, count: number, intact: number): string[] =>
  [...Array(count).keys()].map((index) => `${model} ${index + 1}: ${intact} intact`);
const times = (count: number, clock: string): string[] => Array<string>(count).fill(clock);

const cases: readonly Case[] = [
  {
    script: 'sequential-fit.cjs',
    config: { freeze: ['conv1/**'] },
    verdicts: epochs('digits', 3, 2),
    clocks: times(3, 'fit'),
  },
  {
    script: 'functional.mjs',
    config: { freeze: ['shared/**'] },
    verdicts: epochs('two-heads', 2, 2),
    clocks: times(2, 'fit'),
  },
  {
    script: 'fit-dataset.cjs',
    config: { freeze: ['a/kernel'] },
    verdicts: epochs('sequential_1', 3, 1),
    clocks: times(3, 'fit'),
  },
  {
    script: 'fit-dataset-loop.cjs',
    config: { freeze: ['line/**'] },
    verdicts: epochs('sequential_1', 4, 2),
    clocks: times(4, 'fit'),
  },
  {
    script: 'train-on-batch.cjs',
    config: { freeze: ['body/**'] },
    verdicts: epochs('net', 3, 2),
    clocks: ['steps', ...times(3, 'evaluate')],
  },
  {
    script: 'dataset-by-hand.cjs',
    config: { freeze: ['in/**'], epochSteps: 2 },
    verdicts: epochs('sequential_1', 3, 2),
    clocks: ['steps', ...times(3, 'dataset')],
  },
  {
    script: 'core-only.cjs',
    config: { freeze: ['layer1/*'], epochSteps: 10 },
    verdicts: [...epochs('variables', 2, 2), 'variables 3 at exit: 2 intact'],
    clocks: [...times(3, 'steps'), 'exit'],
  },
  {
    script: 'own-sgd.cjs',
    config: { freeze: ['w'], epochSteps: 3 },
    verdicts: epochs('variables', 2, 1),
    clocks: times(2, 'steps'),
  },
  {
    script: 'vae.mjs',
    config: { freeze: [{ match: '**', model: 'encoder' }], epochSteps: 2 },
    verdicts: [
      'encoder 1: 4 intact',
      'decoder 1: 0 intact',
      'encoder 2: 4 intact',
      'decoder 2: 0 intact',
    ],
    clocks: times(4, 'steps'),
  },
  {
    script: 'transfer.cjs',
    config: { freeze: ['backbone/**'] },
    verdicts: epochs('tuned', 2, 6),
    clocks: times(2, 'fit'),
  },
  {
    script: 'custom-layer.cjs',
    config: { freeze: ['gate/inner/*', 'both/forward_g/*', { match: 'each/**', type: 'Dense' }] },
    verdicts: epochs('mixed', 2, 7),
    clocks: times(2, 'fit'),
  },
  {
    script: 'recompile.cjs',
    config: { freeze: ['body/**'] },
    verdicts: epochs('phased', 4, 2),
    clocks: times(4, 'fit'),
  },
  {
    script: 'reinforce.cjs',
    config: { freeze: ['hidden/**'], epochSteps: 3 },
    verdicts: [...epochs('policy', 2, 2), 'policy 3: 2 intact'],
    clocks: [...times(3, 'steps'), 'exit'],
  },
  {
    script: 'cli.cjs',
    config: { freeze: ['dense/**'] },
    verdicts: epochs('sequential_1', 2, 2),
    clocks: times(2, 'fit'),
    options: { args: ['--epochs', '2'] },
  },
  {
    script: 'dqn.cjs',
    config: { freeze: ['dense_Dense1/**'], epochSteps: 10 },
    verdicts: [...epochs('sequential_1', 2, 2), 'sequential_1 3 at exit: 2 intact'],
    clocks: [...times(3, 'steps'), 'exit'],
  },
  {
    script: 'minimize-all.cjs',
    config: { freeze: [{ match: '{a,bn}/**', model: 'Sequential' }], epochSteps: 6 },
    verdicts: [1, 2].flatMap((epoch) => [
      `variables ${epoch}: 0 intact`,
      `sequential_1 ${epoch}: 6 intact`,
    ]),
    clocks: times(4, 'steps'),
  },
  {
    script: 'hyperparameters.cjs',
    config: { freeze: [{ match: 'a/**', model: 'net' }] },
    verdicts: [...epochs('net', 2, 2), ...epochs('net (2)', 2, 2)],
    clocks: times(4, 'fit'),
  },
  {
    script: 'siamese.cjs',
    config: { freeze: ['e1/**'] },
    verdicts: epochs('siamese', 2, 2),
    clocks: times(2, 'fit'),
  },
  {
    script: 'worker.cjs',
    config: { freeze: ['a/**'] },
    verdicts: epochs('sequential_1', 2, 2),
    clocks: times(2, 'fit'),
  },
];

test.each(cases)('$script: frozen tensors stay, epochs are told', async (each) => {
  const { script, config, options } = each;
  const result = await runHooked(script, { ...options, config });
  expect(ownLines(result)).toEqual([]);
  expect(result.code).toBe(0);
  expect(result.invalid).toEqual([]);
  expect(verdicts(result)).toEqual(each.verdicts);
  expect(eventsOf(result, 'epoch-started').map(({ clock }) => clock)).toEqual(each.clocks);
  expect(eventsOf(result, 'message').filter(({ level }) => level === 'error')).toEqual([]);
});

test('a discriminator that a GAN shares is one tensor in both models, whose epochs end together', async () => {
  const result = await runHooked('gan.cjs', {
    config: { freeze: ['d1/**', 'gbn/**'], epochSteps: 8 },
  });
  const models = eventsOf(result, 'model');
  expect(models.map(({ model }) => model)).toEqual(['discriminator', 'combined']);
  const names = models[1]?.tensors.map(({ name }) => name);
  expect(names).toContain('discriminator/d1/kernel');
  expect(models[1]?.tensors.find(({ name }) => name === 'generator/g1/kernel')?.aliases).toEqual([
    'g1/kernel',
  ]);
  expect(verdicts(result).slice(0, 4)).toEqual([
    'discriminator 1: 2 intact',
    'combined 1: 6 intact',
    'discriminator 2: 2 intact',
    'combined 2: 6 intact',
  ]);
  expect(verdicts(result).filter((verdict) => verdict.includes('moved'))).toEqual([]);
});

test('trainable parameters that never moved are listed until they do', async () => {
  const result = await runHooked('stuck.cjs', { config: { freeze: ['a/kernel'] } });
  const unmoved = eventsOf(result, 'verified').map((verified) => verified.unmoved);
  expect(unmoved[0]).toEqual(['a/bias', 'b/kernel', 'b/bias']);
  expect(unmoved[1]).toEqual([]);
});

test('a script that makes a frozen layer trainable is told once, and thaws nothing', async () => {
  const result = await runHooked('gan.cjs', { config: { freeze: ['d1/**'] } });
  const told = eventsOf(result, 'message').filter(({ code }) => code === 'script-thawed');
  expect(told.map(({ text }) => text)).toEqual([
    'The script makes d1/kernel trainable; it stays frozen by the rules',
  ]);
});

test('two models that train at the same time each have their own epochs', async () => {
  const result = await runHooked('concurrent.mjs', { config: { freeze: ['a/**', 'bn/**'] } });
  const all = [...epochs('x', 3, 6), ...epochs('y', 2, 6)];
  expect(verdicts(result).toSorted()).toEqual(all);
});

test('models made again for each fold answer to the layer names of the first', async () => {
  const result = await runHooked('k-fold.cjs', { config: { freeze: ['dense_Dense1/**'] } });
  expect(verdicts(result)).toEqual([1, 2, 3].flatMap((fold) => epochs(`sequential_${fold}`, 2, 2)));
  const last = eventsOf(result, 'model').at(-1)?.tensors[0];
  expect(last).toMatchObject({ name: 'dense_Dense5/kernel', aliases: ['dense_Dense1/kernel'] });
});

test('epochs carry the totals, the metrics and the batches that the script has', async () => {
  const result = await runHooked('sequential-fit.cjs', { config: { freeze: ['conv1/**'] } });
  expect(eventsOf(result, 'epoch-started').map(({ epochs: total }) => total)).toEqual([3, 3, 3]);
  const [ended] = eventsOf(result, 'epoch-ended');
  expect(Object.keys(ended?.metrics ?? {})).toEqual(['loss', 'acc']);
  expect(eventsOf(result, 'progress')[0]).toMatchObject({ epoch: 1, batch: 1, batches: 3 });
  expect(eventsOf(result, 'engine')).toMatchObject([
    { package: '@tensorflow/tfjs', backend: 'cpu', device: 'CPU (JavaScript)' },
  ]);
});

test('trainable parameters are counted before and after the rules', async () => {
  const result = await runHooked('sequential-fit.cjs', {
    config: { freeze: ['conv1/**', 'bn1/**'] },
  });
  expect(eventsOf(result, 'model')[0]).toMatchObject({
    trainableBefore: 40 + 8 + 435,
    trainableAfter: 435,
    matched: [2, 4],
  });
});

test('a crash in epoch 2 keeps the verdict of epoch 1 and passes the error through', async () => {
  const result = await runHooked('crash.cjs', { config: { freeze: ['a/**'] } });
  expect(result.stdout).toBe('same error true\n');
  expect(result.stderr).toContain('DataError: bad sample 7');
  expect(result.code).toBe(1);
  expect(verdicts(result)).toEqual(['fragile 1: 2 intact', 'fragile 2 at exit: 2 intact']);
  expect(eventsOf(result, 'process-ended')).toMatchObject([{ code: 1 }]);
});

test('an epoch that began and had no data is compared when the process ends', async () => {
  const result = await runHooked('data-ends.cjs', { config: { freeze: ['a/**'] } });
  expect(result.stdout).toContain('interrupted true\n');
  expect(result.code).toBe(0);
  expect(verdicts(result)).toEqual(['short 1: 2 intact', 'short 2 at exit: 2 intact']);
});

test('a moved tensor in a worker thread ends the whole process with code 3', async () => {
  const result = await runHooked('worker.cjs', {
    config: { freeze: ['a/**'], onMove: 'stop' },
    env: { SABOTAGE: '1' },
  });
  expect(result.code).toBe(3);
  expect(result.events[0]?.proc).toMatch(/^\d+\.\d+$/);
});

test.each([
  { kind: 'lion', config: { freeze: ['a/**'] }, seen: epochs('net', 3, 2) },
  { kind: 'clipped', config: { freeze: ['a/**'] }, seen: epochs('net', 3, 2) },
  { kind: 'loose', config: { freeze: ['w'], epochSteps: 2 }, seen: epochs('variables', 3, 1) },
  {
    kind: 'clipped',
    config: { freeze: [{ match: 'a/**', until: 2 }] },
    seen: [...epochs('net', 2, 2), 'net 3: 0 intact'],
  },
])('an optimizer of the script ($kind) meets no null', async ({ kind, config, seen }) => {
  const result = await runHooked('own-optimizer.cjs', { args: [kind], config });
  expect(ownLines(result)).toEqual([]);
  expect(result.stdout).toBe('trained\n');
  expect(verdicts(result)).toEqual(seen);
});

test('variables that tf.disposeVariables() took away make room for those of the next experiment', async () => {
  const config = { freeze: ['w'], epochSteps: 2 };
  const result = await runHooked('variables-anew.cjs', { config });
  expect(verdicts(result)).toEqual(epochs('variables', 4, 1));
  const models = eventsOf(result, 'model').map(({ tensors }) => tensors.map(({ name }) => name));
  expect(models).toEqual([
    ['w', 'b'],
    ['w', 'b'],
  ]);
});

test('models that share tensors and step in turn have as many epochs as their loop', async () => {
  const config = { freeze: ['d1/**'], epochSteps: 4 };
  const result = await runHooked('gan-in-turn.cjs', { config });
  expect(verdicts(result).toSorted()).toEqual([
    ...epochs('combined', 5, 2),
    ...epochs('discriminator', 5, 2),
  ]);
});
