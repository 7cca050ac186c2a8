// The config's `engine`, for a script of plain TensorFlow.js.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { installCli, startProcess } from '../cli/project';
import { root } from '../hook/bundles';
import { eventsOf, runHooked, verdicts, type Result } from '../hook/runScript';
import { withoutLibraryLines } from './libraryLines';
import { makeProject, realHome, scratchFolder } from './projects';

const frozen: object = { freeze: ['conv/**'] };
const intact = ['plain 1: 2 intact', 'plain 2: 2 intact'];
const missing = 'The engine gpu is not installed, so TensorFlow 2.21.0 runs on the CPU';

let home = '';
let project = '';

beforeAll(() => {
  home = realHome();
  project = makeProject(scratchFolder(), 'plain', home);
});

async function runPlainScript(
  engine: string,
  { args = [] as string[], homes = home, script = 'plain.cjs', config = frozen } = {},
): Promise<Result> {
  const result = await runHooked('', {
    command: [process.execPath, join(project, script), ...args],
    cwd: project,
    env: { PERMAFROST_ENGINE_HOMES: homes, TF_CPP_MIN_LOG_LEVEL: '3' },
    config: { ...config, engine },
  });
  return withoutLibraryLines(result);
}

test('node is libtensorflow below the script’s own TensorFlow.js, from its first tensor on', async () => {
  const result = await runPlainScript('node');
  expect(result).toMatchObject({ code: 0, stdout: 'tensorflow 2\n', stderr: '' });
  expect(verdicts(result)).toEqual(intact);
  const [engine] = eventsOf(result, 'engine');
  expect(engine).toMatchObject({
    package: '@tensorflow/tfjs',
    backend: 'tensorflow',
    library: 'TensorFlow 2.21.0',
    requested: 'node',
  });
  expect(engine?.fallback).toBeUndefined();
  expect(eventsOf(result, 'message')).toEqual([]);
});

test('the single file for browsers runs on it too, and no second TensorFlow.js is loaded', async () => {
  const script = readFileSync(join(project, 'plain.cjs'), 'utf8');
  writeFileSync(
    join(project, 'browser.cjs'),
    script.replace("'@tensorflow/tfjs'", "'@tensorflow/tfjs/dist/tf.min.js'"),
  );
  const result = await runPlainScript('node', { script: 'browser.cjs' });
  expect(result).toMatchObject({ code: 0, stdout: 'tensorflow 2\n', stderr: '' });
  expect(verdicts(result)).toEqual(intact);
});

test('gpu without its engine takes the one for the CPU, and says so', async () => {
  const result = await runPlainScript('gpu');
  expect(result.stdout).toBe('tensorflow 2\n');
  expect(verdicts(result)).toEqual(intact);
  expect(eventsOf(result, 'engine')[0]).toMatchObject({ requested: 'gpu', fallback: missing });
  expect(eventsOf(result, 'message')).toMatchObject([{ code: 'engine-fallback', text: missing }]);
});

test('without an engine the script’s backend stays, and why is told', async () => {
  const result = await runPlainScript('node', { homes: '/nowhere' });
  expect(result.stdout).toBe('cpu 2\n');
  expect(verdicts(result)).toEqual(intact);
  expect(eventsOf(result, 'engine')[0]).toMatchObject({
    backend: 'cpu',
    fallback: 'The engine cpu is not installed, so the backend cpu runs',
  });
});

test('a backend that the script sets itself is what the event tells', async () => {
  const result = await runPlainScript('node', { args: ['cpu'] });
  expect(result.stdout).toBe('cpu 2\n');
  expect(eventsOf(result, 'engine')[0]).toMatchObject({
    backend: 'cpu',
    device: 'CPU (JavaScript)',
    fallback: 'The script itself set the backend cpu',
  });
});

describe('two threads', () => {
  const trainsIn = (parts: string): Promise<Result> => {
    writeFileSync(
      join(project, 'threads.cjs'),
      `const { Worker, isMainThread } = require('node:worker_threads');
      ${parts}`,
    );
    return runPlainScript('node', { script: 'threads.cjs' });
  };
  const twice = intact.flatMap((line) => [line, line]);

  test('at once: one trains on it, the other in JavaScript, and that is told', async () => {
    const result = await trainsIn(
      `if (isMainThread) new Worker(__filename);
      require('./plain.cjs');`,
    );
    expect(result.code).toBe(0);
    expect(result.stdout.split('\n').toSorted()).toEqual(['', 'cpu 2', 'tensorflow 2']);
    expect(verdicts(result).toSorted()).toEqual(twice);
    const [message, ...more] = eventsOf(result, 'message');
    expect(message).toMatchObject({ level: 'warning', code: 'engine-fallback' });
    expect(message?.text).toMatch(/^Another thread of this process has TensorFlow already/);
    expect(more).toEqual([]);
  });

  test('one after the other: both train on it', async () => {
    const result = await trainsIn(
      `if (isMainThread) new Worker(__filename).once('exit', () => new Worker(__filename));
      else require('./plain.cjs');`,
    );
    expect(result).toMatchObject({ code: 0, stdout: 'tensorflow 2\ntensorflow 2\n', stderr: '' });
    expect(verdicts(result).toSorted()).toEqual(twice);
  });
});

describe('wasm', () => {
  test('runs by the engine’s copy where the project has none', async () => {
    const result = await runPlainScript('wasm');
    expect(result).toMatchObject({ code: 0, stdout: 'wasm 2\n', stderr: '' });
    expect(verdicts(result)).toEqual(intact);
    expect(eventsOf(result, 'engine')[0]?.fallback).toBeUndefined();
  });

  test('is told to be missing where neither has one', async () => {
    const result = await runPlainScript('wasm', { homes: scratchFolder() });
    expect(result).toMatchObject({ code: 0, stdout: 'cpu 2\n' });
    expect(verdicts(result)).toEqual(intact);
    expect(eventsOf(result, 'engine')[0]?.fallback).toBe(
      'WebAssembly cannot run: @tensorflow/tfjs-backend-wasm is neither installed beside the ' +
        'script nor with an engine, so the backend cpu runs',
    );
  });

  describe('of the project', () => {
    beforeAll(() => {
      installWasm(join(project, 'node_modules/@tensorflow/tfjs-backend-wasm'));
    });

    test('runs from the first tensor on when every convolution is frozen', async () => {
      const result = await runPlainScript('wasm');
      expect(result).toMatchObject({ code: 0, stdout: 'wasm 2\n', stderr: '' });
      expect(verdicts(result)).toEqual(intact);
      const [engine] = eventsOf(result, 'engine');
      expect(engine).toMatchObject({ backend: 'wasm', device: 'CPU (WebAssembly)' });
      expect(engine?.fallback).toBeUndefined();
    });

    test.each([[['dense/**']], [[{ match: 'conv/**', until: 1 }]]])(
      'gives way to JavaScript when %j lets a convolution train',
      async (freeze) => {
        const result = await runPlainScript('wasm', { config: { freeze } });
        expect(result).toMatchObject({ code: 0, stdout: 'cpu 2\n' });
        expect(eventsOf(result, 'engine')[0]).toMatchObject({
          backend: 'cpu',
          fallback:
            'WebAssembly has no kernel to train the convolution conv, so the backend cpu runs',
        });
      },
    );
  });
});

test('auto measures once which engine is the fastest, and keeps it', async () => {
  const [cache, folder] = [scratchFolder(), makeProject(scratchFolder(), 'plain', home)];
  Object.assign(process.env, { PERMAFROST_ENGINE_HOMES: home, XDG_CACHE_HOME: cache });
  const config = { freeze: ['norm/**'], engine: 'auto', command: 'node plain.cjs' };
  writeFileSync(join(folder, 'permafrost.json'), JSON.stringify(config));
  const cli = await installCli();
  // What is measured depends on the model, which is known from here on.
  await startProcess(cli, ['inspect'], folder).result;
  const first = await startProcess(cli, ['run'], folder).result;
  const [, why = '', best = ''] =
    /permafrost: engine: ((\w+) is the fastest.*)/.exec(first.stderr) ?? [];
  expect(why).toMatch(/node [\d.]+ ms a step \(CPU \(libtensorflow\)\)/);
  expect(why).toMatch(/cpu(?: [\d.]+ ms a step \(CPU \(JavaScript\)\)|: not done)/);
  // The model is so small that either may win.
  const [backend, other] = best === 'node' ? ['tensorflow', 'cpu'] : ['cpu', 'node'];
  expect(first.stdout).toBe(`${backend} 2\n`);
  const runs = join(folder, '.permafrost/runs');
  const events = join(runs, readdirSync(runs)[0] ?? '', 'events.jsonl');
  expect(readFileSync(events, 'utf8')).toContain(JSON.stringify(why));
  const probes = join(cache, 'permafrost/probes');
  const kept = readdirSync(probes);
  expect(kept).toHaveLength(1);
  writeFileSync(join(probes, kept[0] ?? ''), JSON.stringify({ choice: other, why: 'kept' }));
  const second = await startProcess(cli, ['run'], folder).result;
  expect(second.stderr).toContain('permafrost: engine: kept');
  expect(first.stderr).toContain('engine: measuring once');
  expect(second.stderr).not.toContain('engine: measuring once');
  expect(second.stdout).toBe(`${other === 'node' ? 'tensorflow' : 'cpu'} 2\n`);
});

/** The package from npm, fetched once for this clone. */
function installWasm(place: string): void {
  const cached = join(root, '.cache/tfjs-backend-wasm');
  if (!existsSync(cached)) {
    mkdirSync(join(root, '.cache'), { recursive: true });
    const scratch = scratchFolder(join(root, '.cache'));
    const name = '@tensorflow/tfjs-backend-wasm@4.22.0';
    execFileSync('npm', ['pack', name, '--silent', '--pack-destination', scratch], { cwd: root });
    execFileSync('sh', ['-c', 'tar -xzf *.tgz'], { cwd: scratch });
    renameSync(join(scratch, 'package'), cached);
  }
  mkdirSync(place);
  execFileSync('sh', ['-c', 'cp -r dist package.json "$1"', 'sh', place], { cwd: cached });
}
