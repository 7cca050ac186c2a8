import { expect, test } from 'vitest';
import type { Inspection } from '../../src/model/inspection';
import { eventsOf, ownLines, runHooked, verdicts } from './runScript';

test('a rule that matches nothing ends with code 2 before training, and names the nearest', async () => {
  const result = await runHooked('train-on-batch.cjs', { config: { freeze: ['bodi/**'] } });
  expect(result.code).toBe(2);
  expect(result.stdout).toBe('');
  const [error] = eventsOf(result, 'config-error');
  expect(error).toMatchObject({ file: '/project/permafrost.json', line: 1, column: 12 });
  expect(error?.advice).toContain('body/');
  expect(ownLines(result)).toEqual([
    expect.stringMatching(/^permafrost: \/project\/permafrost\.json:1:12: .*body\//),
  ]);
  expect(eventsOf(result, 'epoch-started')).toEqual([]);
});

test('a broken config ends with code 2 before training', async () => {
  const result = await runHooked('cli.cjs', { config: '{"freeze": [' });
  expect(result.code).toBe(2);
  expect(result.stdout).toBe('');
});

test('freezing every parameter is refused instead of failing inside TensorFlow.js', async () => {
  const result = await runHooked('core-only.cjs', { config: { freeze: ['**'] } });
  expect(result.code).toBe(2);
  expect(result.stderr).toContain('Every parameter is frozen');
});

test('one of several models may be frozen entirely: its steps move nothing', async () => {
  const config = { freeze: [{ match: '**', model: 'discriminator' }], epochSteps: 8 };
  const result = await runHooked('gan.cjs', { config });
  expect(result.code).toBe(0);
  expect(result.stdout).toContain('epoch 2');
  expect(verdicts(result)[0]).toBe('discriminator 1: 4 intact');
});

test('a model may be frozen entirely before another one has trained', async () => {
  const config = { freeze: [{ match: '**', model: 'critic' }], epochSteps: 4 };
  const result = await runHooked('two-lists.cjs', { config });
  expect(ownLines(result)).toEqual([]);
  expect(result.code).toBe(0);
  expect(verdicts(result)).toEqual([
    'critic 1: 2 intact',
    'critic 2: 2 intact',
    'actor 1: 0 intact',
  ]);
});

test('a rule for a model that is not made yet waits, and is told when it never is', async () => {
  const config = { freeze: ['body/**', { match: '**', model: 'later' }] };
  const result = await runHooked('train-on-batch.cjs', { config });
  expect(result.code).toBe(0);
  expect(eventsOf(result, 'message').map(({ code, level }) => [code, level])).toEqual([
    ['rule-waits', 'warning'],
    ['rule-unmatched', 'error'],
  ]);
});

test('an inspection writes the names and ends before training', async () => {
  const result = await runHooked('sequential-fit.cjs', { mode: 'inspect' });
  expect(result.code).toBe(0);
  expect(result.stdout).not.toContain('loss');
  const { models } = result.inspection as Inspection;
  expect(models).toHaveLength(1);
  expect(models[0]).toMatchObject({ name: 'digits', className: 'Sequential' });
  expect(models[0]?.tensors.map(({ name }) => name)).toEqual([
    'conv1/kernel',
    'conv1/bias',
    'bn1/gamma',
    'bn1/beta',
    'bn1/moving_mean',
    'bn1/moving_variance',
    'head/kernel',
    'head/bias',
  ]);
  expect(models[0]?.tensors[4]).toMatchObject({
    kind: 'statistic',
    module: 'bn1',
    type: 'BatchNormalization',
    dtype: 'float32',
    shape: [4],
  });
  expect(eventsOf(result, 'stopped')).toMatchObject([{ reason: 'inspected' }]);
  expect(eventsOf(result, 'epoch-started')).toEqual([]);
});

test.each(['vae.mjs', 'core-only.cjs', 'worker.cjs'])(
  'an inspection of %s ends before training',
  async (script) => {
    const result = await runHooked(script, { mode: 'inspect' });
    expect(result.code).toBe(0);
    expect((result.inspection as Inspection).models.length).toBeGreaterThan(0);
    expect(result.stdout).toBe('');
  },
);

test('a run writes the names too', async () => {
  const result = await runHooked('cli.cjs');
  expect((result.inspection as Inspection).models[0]?.tensors).toHaveLength(4);
});

test('a run folder that cannot be written does not stop the training', async () => {
  const result = await runHooked('cli.cjs', { config: { freeze: ['dense/**'] }, readOnly: true });
  expect(result.stdout).toBe('trained 1\n');
  expect(result.code).toBe(0);
  expect(ownLines(result)).toHaveLength(1);
});

test('a fault of the hook lets training go on, and the epoch is not verified', async () => {
  const result = await runHooked('awkward.cjs', { config: { freeze: ['a/**'] } });
  expect(result.stdout).toBe('trained\n');
  expect(result.code).toBe(0);
  expect(eventsOf(result, 'message').map(({ code }) => code)).toContain('hook-fault');
  expect(verdicts(result)).toEqual([
    'odd 1: 2 intact',
    'odd 2: 0 intact, a/kernel not verified, a/bias not verified',
  ]);
});

test('a tensor whose bytes the backend does not hand out is not verified', async () => {
  const result = await runHooked('unreadable.cjs', { config: { freeze: ['a/**'] } });
  expect(result.stdout).toBe('trained\n');
  expect(verdicts(result)).toEqual(['deaf 1: 1 intact, a/kernel not verified']);
  expect(eventsOf(result, 'verified')[0]?.findings).toMatchObject([
    { reason: 'the backend did not hand out its bytes: no read back' },
  ]);
});

test('kill -9 leaves every event that was written readable', async () => {
  let killed = false;
  const result = await runHooked('endless.cjs', {
    config: { freeze: ['a/**'] },
    onStdout: (text, kill) => {
      if (text.includes('epoch 3') && !killed) kill('SIGKILL');
      killed ||= text.includes('epoch 3');
    },
  });
  expect(result.code).toBeNull();
  expect(result.invalid).toEqual([]);
  expect(verdicts(result).slice(0, 2)).toEqual([
    'sequential_1 1: 2 intact',
    'sequential_1 2: 2 intact',
  ]);
  expect(eventsOf(result, 'process-ended')).toEqual([]);
});
