// Scripts that require @tensorflow/tfjs-node-gpu where it cannot run by itself.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { root } from '../hook/bundles';
import { eventsOf, otherNodes, runHooked, verdicts, type Result } from '../hook/runScript';
import { withoutLibraryLines } from './libraryLines';
import { damagedHome, makeProject, realHome, scratchFolder, type Installed } from './projects';

const frozen: object = { freeze: ['conv/**'] };
const intact = ['stripes 1: 2 intact', 'stripes 2: 2 intact', 'stripes 3: 2 intact'];
const noCuda = 'The engine gpu is not installed, so TensorFlow 2.21.0 runs on the CPU';

let home = '';
const projects: Partial<Record<Installed, string>> = {};

beforeAll(() => {
  home = realHome();
  const folder = scratchFolder();
  for (const installed of ['nothing', 'no-addon'] as const) {
    projects[installed] = makeProject(folder, installed, home);
  }
  const { nothing = '' } = projects;
  cpSync(join(nothing, 'node-example.mjs'), join(nothing, 'node-example.mts'));
});

function runExample(
  installed: Installed,
  script: string,
  { homes = home, node = process.execPath, config = frozen } = {},
): Promise<Result> {
  const cwd = projects[installed] ?? '';
  const env = { PERMAFROST_ENGINE_HOMES: homes };
  return runHooked('', { command: [node, join(cwd, script)], cwd, env, config });
}

/** It printed what it prints with an addon of its own, and nothing else. */
function expectUndisturbed(result: Result, backend: string): void {
  const { stdout, stderr, code } = withoutLibraryLines(result);
  expect(stdout.replace(/acc [\d.]+/g, 'acc')).toBe(
    'epoch 1 acc\nepoch 2 acc\nepoch 3 acc\n' +
      `saved model.json weights.bin; loaded equal 1\nbackend ${backend}\n`,
  );
  if (backend === 'tensorflow') expect(stderr).toBe('');
  expect(code).toBe(0);
}

test('an addon that is missing is replaced by that of the engine', async () => {
  const result = await runExample('no-addon', 'node-example.cjs');
  expectUndisturbed(result, 'tensorflow');
  expect(verdicts(result)).toEqual(intact);
  expect(eventsOf(result, 'engine')[0]).toMatchObject({
    package: '@tensorflow/tfjs-node-gpu',
    backend: 'tensorflow',
    device: 'CPU (libtensorflow)',
    library: 'TensorFlow 2.21.0',
    fallback: noCuda,
  });
  const [message] = eventsOf(result, 'message');
  expect(message).toMatchObject({ level: 'warning', code: 'engine-fallback', text: noCuda });
});

describe.each([process.execPath, ...otherNodes()])('%s', (node) => {
  test.each(['node-example.cjs', 'node-example.mjs'])(
    'a package that is not installed at all comes from the engine: %s',
    async (script) => {
      const result = await runExample('nothing', script, { node });
      expectUndisturbed(result, 'tensorflow');
      expect(verdicts(result)).toEqual(intact);
      expect(eventsOf(result, 'engine')[0]).toMatchObject({ library: 'TensorFlow 2.21.0' });
    },
  );
});

test('the config wins over the backend that the package sets', async () => {
  const result = await runExample('no-addon', 'node-example.cjs', {
    config: { ...frozen, engine: 'cpu' },
  });
  expectUndisturbed(result, 'cpu');
  expect(verdicts(result)).toEqual(intact);
  const [engine] = eventsOf(result, 'engine');
  expect(engine).toMatchObject({ requested: 'cpu', backend: 'cpu', device: 'CPU (JavaScript)' });
  expect(engine?.fallback).toBeUndefined();
});

test.each([
  ['overwritten', 'invalid ELF header'],
  ['cut', 'bytes, 788086608 were installed'],
] as const)('with a library that was %s the script goes on in JavaScript', async (damage, why) => {
  const result = await runExample('no-addon', 'node-example.cjs', {
    homes: damagedHome(home, damage),
  });
  expectUndisturbed(result, 'cpu');
  expect(verdicts(result)).toEqual(intact);
  const [engine] = eventsOf(result, 'engine');
  expect(engine).toMatchObject({ backend: 'cpu' });
  expect(engine?.fallback).toContain(why);
});

test('without any engine the script ends as it would, and how to get one is told', async () => {
  const result = await runExample('no-addon', 'node-example.cjs', { homes: '/nowhere' });
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('The Node.js native addon module');
  expect(eventsOf(result, 'message')).toMatchObject([
    { level: 'error', code: 'engine-missing', advice: 'permafrost engine install gpu brings one.' },
  ]);
});

test('a package that only a damaged engine has is missed as ever, and the damage is told', async () => {
  const result = await runExample('nothing', 'node-example.cjs', {
    homes: damagedHome(home, 'cut'),
  });
  expect(result.code).toBe(1);
  expect(result.stderr).toContain("Cannot find module '@tensorflow/tfjs-node-gpu'");
  expect(eventsOf(result, 'message')).toMatchObject([{ level: 'warning', code: 'engine-missing' }]);
});

test.each(otherNodes())('TypeScript by tsx finds the package too: %s', async (node) => {
  const cwd = projects.nothing ?? '';
  const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
  const result = await runHooked('', {
    command: [node, tsx, join(cwd, 'node-example.mts')],
    cwd,
    env: { PERMAFROST_ENGINE_HOMES: home },
    config: frozen,
  });
  expectUndisturbed(result, 'tensorflow');
  expect(verdicts(result)).toEqual(intact);
});
