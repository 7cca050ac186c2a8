import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { hookBundles, runHooked, runPlain, scripts } from './runScript';

const deterministic = fileURLToPath(new URL('deterministic.cjs', import.meta.url));
/** These print paths or thread output whose order is not fixed, or are imported by others. */
const LEFT_OUT = new Set([
  'endless.cjs',
  'awkward.cjs',
  'unreadable.cjs',
  'worker.cjs',
  'train-step.mjs',
  'trainer.ts',
]);

/** The scripts that train; what each prints includes a digest of all weights at the end. */
const cases = readdirSync(scripts).filter((name) => !LEFT_OUT.has(name));

test.each(cases)('%s prints and learns the same, bit by bit, with no rule', async (script) => {
  const nodeArgs = ['--require', deterministic];
  const [plain, hooked] = [
    await runPlain(script, { nodeArgs }),
    await runHooked(script, { nodeArgs, config: { freeze: [] } }),
  ];
  expect(plain.stdout).toContain('"weights":');
  expect(hooked.stdout).toBe(plain.stdout);
  expect(hooked.code).toBe(plain.code);
  expect(hooked.invalid).toEqual([]);
});

test('a script that crashes prints the same stack trace of its own frames', async () => {
  const plain = await runPlain('crash.cjs');
  const hooked = await runHooked('crash.cjs', { config: { freeze: ['a/**'] } });
  expect(hooked.stderr).toBe(plain.stderr);
  expect(hooked.code).toBe(1);
});

test('a process that never loads TensorFlow.js writes nothing', async () => {
  const hooked = await runHooked('no-tfjs.cjs');
  expect(hooked.events).toEqual([]);
  expect(hooked.stdout).toBe('1,2,3\n');
});

test('the preload costs a process without TensorFlow.js under 2 ms', async () => {
  const preload = join(await hookBundles(), 'tfjs-preload.cjs');
  const empty = fileURLToPath(new URL('empty.cjs', import.meta.url));
  const measure = `
    const time = (file) => { const t = performance.now(); require(file); return performance.now() - t; };
    const [, empty, preload] = process.argv;
    const base = time(empty);
    console.log(time(preload) - base);`;
  let least = Infinity;
  // Other processes on the machine only add to it.
  for (let round = 0; round < 20 && least >= 2; round++) {
    const { stdout } = await runPlain('', {
      command: [process.execPath, '-e', measure, empty, preload],
      env: { PERMAFROST_RUN_DIR: '/nowhere' },
    });
    least = Math.min(least, Number(stdout));
  }
  expect(least).toBeLessThan(2);
});
