import { expect, test } from 'vitest';
import { eventsOf, runHooked, verdicts } from './runScript';

interface Step {
  readonly name: string;
  readonly epoch: number;
  readonly before: number;
  readonly after: number;
}

/** What `windows.cjs` prints: the value of each of its two variables around each step. */
function steps(stdout: string, name: string): readonly Step[] {
  const all = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Step);
  return all.filter((step) => step.name === name);
}

const config = {
  freeze: [
    { match: 'late', until: 2 },
    { match: 'late', from: 4, until: 4 },
  ],
  epochSteps: 3,
};

test.each(['adam', 'momentum', 'rmsprop', 'adagrad'])(
  'a weight thawed under %s moves as with a fresh optimizer, and stands still again when refrozen',
  async (optimizer) => {
    const frozen = await runHooked('windows.cjs', { args: [optimizer], config });
    const free = await runHooked('windows.cjs', { args: [optimizer] });
    const late = steps(frozen.stdout, 'late');
    const start = late[0]?.before;
    // Epochs 1 and 2 hold it.
    expect(late.slice(0, 6).map(({ after }) => after)).toEqual(Array(6).fill(start));
    // In epoch 3 it moves as a fresh optimizer moved it in epoch 1 of a run without rules.
    const fresh = steps(free.stdout, 'late').slice(0, 3);
    expect(late.slice(6, 9).map(({ after }) => after)).toEqual(fresh.map(({ after }) => after));
    // Epoch 4 holds it where epoch 3 left it, in epoch 5 it starts afresh once more.
    expect(late.slice(9, 12).map(({ after }) => after)).toEqual(Array(3).fill(late[8]?.after));
    expect(late[12]?.after).not.toBe(late[11]?.after);
    expect(verdicts(frozen)).toEqual(
      [1, 1, 0, 1, 0].map((n, i) => `variables ${i + 1}: ${n} intact`),
    );
  },
);

test.each(['adam', 'momentum'])(
  'a weight that is never frozen trains under %s as without us',
  async (optimizer) => {
    const frozen = await runHooked('windows.cjs', { args: [optimizer], config });
    const free = await runHooked('windows.cjs', { args: [optimizer] });
    expect(steps(frozen.stdout, 'always')).toEqual(steps(free.stdout, 'always'));
  },
);

test('a window of epochs of fit is kept, and BatchNormalization changes its mode with it', async () => {
  const result = await runHooked('sequential-fit.cjs', {
    config: { freeze: [{ match: 'bn1/**', from: 2, until: 2 }] },
  });
  expect(verdicts(result)).toEqual([
    'digits 1: 0 intact',
    'digits 2: 4 intact',
    'digits 3: 0 intact',
  ]);
  const modes = eventsOf(result, 'verified').map(({ normalization }) => normalization[0]?.mode);
  expect(modes).toEqual(['batch', 'running', 'batch']);
});

test('a thawed weight follows the learning rate that the script sets', async () => {
  const result = await runHooked('windows.cjs', { args: ['adam', '0'], config });
  // The script sets the rate to 0 at the start of its third epoch.
  const late = steps(result.stdout, 'late');
  expect(late.slice(6, 9).map(({ after }) => after)).toEqual(Array(3).fill(late[0]?.before));
});
