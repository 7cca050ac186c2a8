import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendEvent } from '../../../src/runs/eventWriter';
import {
  LaunchError,
  newRunId,
  prepareRun,
  type RunRequest,
} from '../../../src/runs/launch/launch';
import { withPreload } from '../../../src/runs/launch/nodeOptions';
import { configSnapshot } from '../../../src/runs/paths';
import { loadRun } from '../../../src/runs/store';

const CONFIG = '{\n  "freeze": ["conv**", "!conv.bias"],\n  "onMove": "stop"\n}\n';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'permafrost launch '));
});

afterEach(async () => {
  await chmod(folder, 0o755);
  await rm(folder, { recursive: true, force: true });
});

function request(change: Partial<RunRequest> = {}): RunRequest {
  return {
    folder,
    command: 'node train.js',
    configFile: join(folder, 'permafrost.json'),
    configText: CONFIG,
    launcher: 'cli',
    mode: 'run',
    pid: process.pid,
    baseEnv: {},
    dist: '/opt/perma frost/dist',
    version: '0.1.0',
    ...change,
  };
}

describe('preparing a run', () => {
  it('keeps the config as it is now and says what runs', async () => {
    const run = await prepareRun(request());
    expect(await readFile(configSnapshot(run.directory), 'utf8')).toBe(CONFIG);
    const { state } = await loadRun(folder, run.id);
    expect(state).toMatchObject({
      id: run.id,
      command: 'node train.js',
      cwd: folder,
      launcher: 'cli',
      onMove: 'stop',
      livePids: [process.pid],
    });
    expect(state.rules).toHaveLength(2);
    expect(state.rules[1]).toContain('!conv.bias');
  });

  it('tells the hook of it by the environment', async () => {
    const { directory, env } = await prepareRun(request({ budget: 5000 }));
    expect(env).toEqual({
      PERMAFROST_RUN_DIR: directory,
      PERMAFROST_MODE: 'run',
      PERMAFROST_COMMAND: 'node train.js',
      PERMAFROST_CONFIG_FILE: join(folder, 'permafrost.json'),
      PERMAFROST_INSPECTION: join(folder, '.permafrost', 'model.json'),
      PERMAFROST_BUDGET: '5000',
      NODE_OPTIONS: '--require "/opt/perma frost/dist/tfjs-preload.cjs"',
      PYTHONPATH: '/opt/perma frost/python/permafrost/site',
    });
  });

  it('keeps the PYTHONPATH of the user behind its own folder', async () => {
    const { env } = await prepareRun(request({ baseEnv: { PYTHONPATH: '/a:/b' } }));
    expect(env['PYTHONPATH']).toBe('/opt/perma frost/python/permafrost/site:/a:/b');
  });

  it('tells where engines are, what auto was measured to be, and quietens TensorFlow', async () => {
    const engines = { homes: ['/a', '/b'], measured: { choice: 'node', why: 'fastest' } } as const;
    const configText = '{ "engine": "auto" }';
    const variables = async (change: Partial<RunRequest>): Promise<Record<string, string>> => {
      const { env } = await prepareRun(request({ engines, configText, ...change }));
      const names = Object.keys(env).filter((name) => /ENGINE|TF_/.test(name));
      return Object.fromEntries(names.map((name) => [name, env[name] ?? '']));
    };
    const homes = { PERMAFROST_ENGINE_HOMES: ['/a', '/b'].join(delimiter) };
    const measured = { PERMAFROST_ENGINE: 'node', PERMAFROST_ENGINE_WHY: 'fastest' };
    expect(await variables({})).toEqual({ ...homes, ...measured, TF_CPP_MIN_LOG_LEVEL: '3' });
    const own = { baseEnv: { TF_CPP_MIN_LOG_LEVEL: '0' } };
    expect(await variables(own)).toEqual({ ...homes, ...measured });
    const none = { engines: { homes: engines.homes, measured: null }, configText: '{}' };
    expect(await variables(none)).toEqual(homes);
  });

  it('leaves a budget from the environment alone when none is asked for', async () => {
    const { env } = await prepareRun(request({ baseEnv: { PERMAFROST_BUDGET: '7' } }));
    expect(env).not.toHaveProperty('PERMAFROST_BUDGET');
  });

  it('makes another folder for each of many that start in the same second', async () => {
    const runs = await Promise.all(Array.from({ length: 40 }, () => prepareRun(request())));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(40);
    expect(await readdir(join(folder, '.permafrost', 'runs'))).toHaveLength(40);
  });

  it('keeps what it writes out of version control', async () => {
    await prepareRun(request());
    execFileSync('git', ['init', '-q'], { cwd: folder });
    const status = execFileSync('git', ['status', '--porcelain', '--ignored'], { cwd: folder });
    expect(status.toString()).toBe('!! .permafrost/\n');
  });

  it('leaves a .gitignore of the user in .permafrost alone', async () => {
    await prepareRun(request());
    const ignore = join(folder, '.permafrost', '.gitignore');
    await writeFile(ignore, 'mine\n');
    await prepareRun(request());
    expect(await readFile(ignore, 'utf8')).toBe('mine\n');
  });

  it('does not list inspections among the runs', async () => {
    const inspection = await prepareRun(request({ mode: 'inspect' }));
    expect(inspection.env['PERMAFROST_MODE']).toBe('inspect');
    await expect(loadRun(folder, 'latest')).rejects.toThrow('There are no runs');
  });

  it('says which file stands in the way, and the way out', async () => {
    await writeFile(join(folder, '.permafrost'), 'a file');
    const failure = prepareRun(request());
    await expect(failure).rejects.toBeInstanceOf(LaunchError);
    await expect(failure).rejects.toMatchObject({
      file: join(folder, '.permafrost', 'runs'),
      message: expect.stringContaining(join(folder, '.permafrost')) as string,
      advice: expect.stringMatching(/^\S.*\.$/) as string,
    });
  });

  it('says that the folder is not writable', async () => {
    await chmod(folder, 0o555);
    // Root writes anywhere.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.('nobody');
    try {
      await expect(prepareRun(request())).rejects.toMatchObject({
        message: `Cannot write ${join(folder, '.permafrost')} (EACCES).`,
        advice: expect.stringContaining('Make the folder writable') as string,
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});

describe('a run id', () => {
  it('sorts by time', () => {
    const ids = [
      newRunId(new Date(2026, 10, 24, 18, 15, 3)),
      newRunId(new Date(2026, 10, 24, 18, 15, 4)),
      newRunId(new Date(2027, 0, 1, 0, 0, 0)),
    ];
    expect([...ids].sort()).toEqual(ids);
    expect(ids[0]).toMatch(/^20261124-181503-[0-9a-f]{4}$/);
  });
});

describe('NODE_OPTIONS', () => {
  /** The arguments that Node makes of them, as it tells them itself. */
  it.each([
    ['with spaces', 'a b'],
    ['with quotes', 'a"b'],
    ['with backslashes', 'a\\b'],
    ['beyond ASCII', 'größe 深'],
  ])('load a file from a folder %s', async (_, name) => {
    const file = join(folder, `${name}.cjs`);
    await writeFile(file, 'console.log("preloaded")');
    const env = { ...process.env, NODE_OPTIONS: withPreload(undefined, file) };
    expect(execFileSync(process.execPath, ['-e', ''], { env }).toString()).toBe('preloaded\n');
  });

  it('keep what was there', () => {
    expect(withPreload('--max-old-space-size=99 --title="a b"', '/x.cjs')).toBe(
      '--max-old-space-size=99 --title="a b" --require "/x.cjs"',
    );
  });

  it('do not load it twice in a run within a run', () => {
    const once = withPreload('', '/x.cjs');
    expect(withPreload(once, '/x.cjs')).toBe(once);
  });
});

describe('an event of the launcher', () => {
  it('stands on a line of its own behind one that a killed process left torn', async () => {
    const run = await prepareRun(request());
    await writeFile(run.events, '{"v":1,"type":"progr', { flag: 'a' });
    await appendEvent(run.events, 'launcher', { type: 'run-ended', code: 0 });
    const { state } = await loadRun(folder, run.id);
    expect(state).toMatchObject({ garbledLines: 1, status: 'finished', exitCode: 0 });
  });
});
