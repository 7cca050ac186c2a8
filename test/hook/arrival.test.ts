import { build } from 'esbuild';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventsOf, otherNodes, runHooked, scripts, verdicts, type Result } from './runScript';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
const tsx = join(modules, '.bin/tsx');
const hidden = { freeze: ['hidden/**'] };
const regression = ['regression 1: 2 intact', 'regression 2: 2 intact'];

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'permafrost arrival-'));
  await symlink(modules, join(folder, 'node_modules'));
  for (const type of ['module', 'commonjs']) {
    await mkdir(join(folder, type));
    await cp(join(scripts, 'trainer.ts'), join(folder, type, 'trainer.ts'));
    const manifest = { type, scripts: { train: 'tsx trainer.ts' } };
    await writeFile(join(folder, type, 'package.json'), JSON.stringify(manifest));
  }
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe.each(['module', 'commonjs'])('TypeScript in a package of type %s', (type) => {
  test.each([
    ['tsx', [tsx, 'trainer.ts']],
    ['node --import tsx', [process.execPath, '--import', 'tsx', 'trainer.ts']],
    ['npm run', ['npm', 'run', 'train']],
    ['npx', ['npx', 'tsx', 'trainer.ts']],
    ['sh', ['sh', '-c', 'cd . && tsx trainer.ts']],
  ])('is frozen when started by %s', async (_, command) => {
    const env = { PATH: `${join(modules, '.bin')}:${process.env['PATH'] ?? ''}` };
    const cwd = join(folder, type);
    const result = await runHooked('', { command, cwd, env, config: hidden });
    expect(verdicts(result)).toEqual(regression);
    expect(result.stdout).toContain('epochs 2');
    expect(result.code).toBe(0);
  });
});

test.each(['named-imports.mjs', 'functional.mjs'])(
  'an ES module (%s) is frozen',
  async (script) => {
    const result = await runHooked(script, { config: { freeze: ['{first,shared}/**'] } });
    expect(verdicts(result).map((verdict) => verdict.split(': ')[1])).toEqual([
      '2 intact',
      '2 intact',
    ]);
  },
);

test.each([
  [
    'the packages one by one',
    "{ ...require('@tensorflow/tfjs-core'), ...require('@tensorflow/tfjs-layers') }",
  ],
  ['the single file for browsers', "require('@tensorflow/tfjs/dist/tf.min.js')"],
  ['the single file with sealed exports', "require('@tensorflow/tfjs/dist/tf.es2017.js')"],
])('a script that loads %s is frozen', async (_, load) => {
  const file = join(folder, 'parts.cjs');
  await writeFile(
    file,
    `require('@tensorflow/tfjs-backend-cpu');
    const tf = ${load};
    const model = tf.sequential({ name: 'parts' });
    model.add(tf.layers.dense({ name: 'a', units: 2, inputShape: [2] }));
    model.add(tf.layers.batchNormalization({ name: 'bn' }));
    model.add(tf.layers.dense({ name: 'b', units: 1 }));
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    model.fit(tf.ones([4, 2]), tf.zeros([4, 1]), { epochs: 2, verbose: 0 });`,
  );
  const result = await runHooked('', {
    command: [process.execPath, file],
    config: { freeze: ['a/**', 'bn/**'] },
  });
  expect(verdicts(result)).toEqual(['parts 1: 6 intact', 'parts 2: 6 intact']);
});

test('a child process is followed', async () => {
  const file = join(folder, 'parent.cjs');
  await writeFile(
    file,
    `require('node:child_process').fork(${JSON.stringify(join(scripts, 'cli.cjs'))}, ['--epochs', '2']);`,
  );
  const result = await runHooked('', {
    command: [process.execPath, file],
    config: { freeze: ['dense/**'] },
  });
  expect(verdicts(result)).toEqual(['sequential_1 1: 2 intact', 'sequential_1 2: 2 intact']);
  expect(eventsOf(result, 'process-started')).toHaveLength(1);
});

test('a bundled script is frozen by the names of its variables, and says what that lacks', async () => {
  const result = await runBundled(['conv1/**', 'bn1/**']);
  expect(eventsOf(result, 'message').map(({ code }) => code)).toContain('bundled');
  expect(verdicts(result)).toEqual(['variables 1 at exit: 6 intact']);
  expect(eventsOf(result, 'engine')[0]?.package).toBe('bundled with the script');
});

test('what an optimizer keeps for itself in a bundled script is not frozen with all else', async () => {
  const result = await runBundled(['**', '!head/**']);
  expect(verdicts(result)).toEqual(['variables 1 at exit: 6 intact']);
  expect(result.code).toBe(0);
});

async function runBundled(freeze: readonly string[]): Promise<Result> {
  const outfile = join(folder, 'bundle.cjs');
  await build({
    entryPoints: [join(scripts, 'sequential-fit.cjs')],
    bundle: true,
    platform: 'node',
    logLevel: 'error',
    outfile,
  });
  return runHooked('', { command: [process.execPath, outfile], config: { freeze } });
}

const nodes = otherNodes();
describe.skipIf(nodes.length === 0)('other versions of Node', () => {
  test.each(
    nodes.flatMap((node) =>
      [
        { args: ['sequential-fit.cjs'], freeze: 'conv1/**', count: 3 },
        { args: ['named-imports.mjs'], freeze: 'first/**', count: 2 },
        { args: ['vae.mjs'], freeze: 'squeeze/**', count: 2 },
        { args: ['--import', 'tsx', 'trainer.ts'], freeze: 'hidden/**', count: 2 },
        { args: ['worker.cjs'], freeze: 'a/**', count: 2 },
      ].map((each) => ({ node, ...each })),
    ),
  )('$node $args', async ({ node, args, freeze, count }) => {
    const script = args.at(-1) ?? '';
    const command = [node, ...args.slice(0, -1), join(scripts, script)];
    const result = await runHooked('', { command, config: { freeze: [freeze] } });
    expect(result.code).toBe(0);
    expect(verdicts(result).join('\n')).not.toMatch(/moved|not verified/);
    expect(eventsOf(result, 'verified').length).toBeGreaterThanOrEqual(Math.min(count, 1));
    expect(eventsOf(result, 'verified')[0]?.intact).toBe(2);
  });
});
