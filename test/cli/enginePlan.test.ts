import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { permafrost } from './project';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'permafrost-plan-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('engine install --plan tells what it would load and need, and installs nothing', async () => {
  const args = ['engine', 'install', 'webgpu', '--here', '--plan'];
  const { code, stdout } = await permafrost(folder, ...args, '--json');
  expect(code).toBe(0);
  const lines = stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ type: 'plan', kind: 'webgpu', source: 'npm' }),
  ]);
  const home = join(folder, '.permafrost', 'engine');
  expect((await readdir(home)).filter((name) => name !== 'downloads')).toEqual([]);

  const told = await permafrost(folder, ...args);
  expect(told).toMatchObject({ code: 0, stdout: '' });
  expect(told.stderr).toMatch(/^permafrost: installing the engine webgpu in .*MB.*\n$/);
});
