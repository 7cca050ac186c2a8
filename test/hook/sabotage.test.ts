import { expect, test } from 'vitest';
import { eventsOf, ownLines, runHooked, verdicts } from './runScript';

const freeze = ['conv1/**', 'bn1/**'];
const QUIET = [1, 2, 3].map((epoch) => `net ${epoch}: 6 intact`);

const tricks = [
  { trick: 'set-weights', name: 'conv1/kernel', elements: 1, cause: 'set-weights' },
  { trick: 'assign', name: 'conv1/kernel', elements: 1, cause: 'assign' },
  { trick: 'in-place', name: 'conv1/kernel', elements: 1, cause: 'in-place' },
  { trick: 'zero-sign', name: 'conv1/bias', elements: 1, cause: 'in-place', maxDelta: 0 },
  { trick: 'nan-payload', name: 'conv1/bias', elements: 1, cause: 'in-place', maxDelta: 'NaN' },
  { trick: 'swapped-rows', name: 'conv1/kernel', elements: 8, cause: 'assign' },
  { trick: 'one-bit', name: 'conv1/kernel', elements: 1, cause: 'in-place' },
  { trick: 'kept-sum', name: 'conv1/kernel', elements: 2, cause: 'in-place' },
  { trick: 'two-signs', name: 'conv1/kernel', elements: 2, cause: 'in-place' },
  { trick: 'optimizer', name: 'conv1/kernel', elements: 36, cause: 'optimizer' },
] as const;

test.each(tricks)(
  '$trick in epoch 2 is caught by name and epoch, and "stop" ends with code 3',
  async ({ trick, name, elements, cause, ...more }) => {
    const result = await runHooked('sabotage.cjs', {
      args: [trick],
      config: { freeze, onMove: 'stop' },
    });
    expect(verdicts(result)).toEqual([QUIET[0], `net 2: 5 intact, ${name} moved`]);
    const [finding] = eventsOf(result, 'verified').at(-1)?.findings ?? [];
    expect(finding).toMatchObject({ name, verdict: 'moved', elements, ...more });
    expect(finding).toHaveProperty('cause.kind', cause);
    if (cause !== 'in-place') {
      expect(finding).toHaveProperty('cause.file', expect.stringMatching(/sabotage\.cjs$/));
    }
    expect(eventsOf(result, 'stopped')).toMatchObject([
      { reason: 'moved', model: 'net', epoch: 2 },
    ]);
    expect(ownLines(result)).toEqual([
      `permafrost: net: frozen tensor ${name} moved in epoch 2; training stopped`,
    ]);
    expect(result.code).toBe(3);
    expect(result.stdout).not.toContain('finished');
  },
);

test('the smallest change is measured: 1e-7 on one element', async () => {
  const result = await runHooked('sabotage.cjs', { args: ['assign'], config: { freeze } });
  const [finding] = eventsOf(result, 'verified')[1]?.findings ?? [];
  const delta = finding?.verdict === 'moved' ? Number(finding.maxDelta) : 0;
  expect(delta).toBeGreaterThan(0.5e-7);
  expect(delta).toBeLessThan(2e-7);
});

test('with "report" training goes on, and a moved tensor stays moved', async () => {
  const result = await runHooked('sabotage.cjs', { args: ['assign'], config: { freeze } });
  const moved = [2, 3].map((epoch) => `net ${epoch}: 5 intact, conv1/kernel moved`);
  expect(verdicts(result)).toEqual([QUIET[0], ...moved]);
  expect(result.stdout).toBe('finished\n');
  expect(result.code).toBe(0);
});

test('a layer that moves its statistics past our hold is caught', async () => {
  const result = await runHooked('sabotage.cjs', {
    args: ['own-normalization'],
    config: { freeze, onMove: 'stop' },
  });
  expect(verdicts(result)).toEqual(['net 1: 2 intact, bn1/moving_mean moved']);
  expect(result.code).toBe(3);
});

test('frozen BatchNormalization is held in inference mode and does not move', async () => {
  const result = await runHooked('sabotage.cjs', { args: ['nothing'], config: { freeze } });
  expect(verdicts(result)).toEqual(QUIET);
  const held = [{ module: 'bn1', mode: 'running', frozen: true }];
  expect(eventsOf(result, 'verified').map((each) => each.normalization)).toEqual([
    held,
    held,
    held,
  ]);
});

test('BatchNormalization of which nothing is frozen is said to use batch statistics', async () => {
  const result = await runHooked('sabotage.cjs', {
    args: ['nothing'],
    config: { freeze: ['conv1/**'] },
  });
  expect(eventsOf(result, 'verified')[0]?.normalization).toEqual([
    { module: 'bn1', mode: 'batch', frozen: false },
  ]);
});

test('setting weights to what they are is no movement', async () => {
  const result = await runHooked('sabotage.cjs', {
    args: ['set-equal-weights'],
    config: { freeze },
  });
  expect(verdicts(result)).toEqual(QUIET);
});

test('loading other weights makes a new reference, and says so', async () => {
  const result = await runHooked('sabotage.cjs', {
    args: ['load'],
    config: { freeze: ['conv1/kernel'], onMove: 'stop' },
  });
  expect(verdicts(result)).toEqual([
    'net 1: 1 intact',
    'net 2: 0 intact, conv1/kernel rebased',
    'net 3: 1 intact',
  ]);
  expect(result.code).toBe(0);
});

test('a frozen variable that the script disposes is missing', async () => {
  const result = await runHooked('sabotage.cjs', { args: ['dispose'], config: { freeze } });
  expect(verdicts(result)).toContain('net 2: 5 intact, conv1/kernel missing');
});

test('beyond the budget tensors are compared by fingerprint, as surely', async () => {
  const result = await runHooked('sabotage.cjs', {
    args: ['one-bit'],
    config: { freeze, onMove: 'stop' },
    env: { PERMAFROST_BUDGET: '0' },
  });
  expect(result.code).toBe(3);
  expect(eventsOf(result, 'verified')[1]).toMatchObject({
    method: 'fingerprint',
    findings: [{ name: 'conv1/kernel', verdict: 'moved', elements: null, maxDelta: null }],
  });
});
