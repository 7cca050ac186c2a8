import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findEngine } from '../../../src/engines/findEngine';
import { LockedError } from '../../../src/engines/lock';
import {
  MANIFEST_FILE,
  parseManifest,
  readManifest,
  type EngineManifest,
} from '../../../src/engines/manifest';
import { install, remove, type EngineFacts, type Installation } from '../../../src/engines/store';
import { scratch } from './scratch';

const FACTS: EngineFacts = {
  library: 'TensorFlow 2.21.0',
  source: 'pypi',
  packages: 'node_modules',
  package: '@tensorflow/tfjs-node-gpu',
};

async function fill({ folder, finish }: Installation, text = 'library'): Promise<EngineManifest> {
  writeFileSync(join(folder, 'lib.so'), text);
  return finish(FACTS, ['lib.so']);
}

describe('installing an engine', () => {
  it('is found when it is finished, and leaves nothing beside it', async () => {
    const home = join(scratch(), 'home');
    const manifest = await install(home, 'cpu', fill);
    expect(findEngine('cpu', [home])).toEqual({ folder: join(home, 'cpu'), manifest });
    expect(findEngine('cpu', [home])).toMatchObject({
      manifest: { ...FACTS, v: 1, kind: 'cpu', files: [{ path: 'lib.so', bytes: 7 }] },
    });
    expect(readdirSync(home).sort()).toEqual(['cpu', 'downloads']);
  });

  it('is not found while it is made, nor when it fails', async () => {
    const home = scratch();
    const failed = install(home, 'cpu', async ({ folder }) => {
      writeFileSync(join(folder, 'lib.so'), 'library');
      expect(findEngine('cpu', [home])).toEqual({ missing: 'the engine cpu is not installed' });
      return Promise.reject(new Error('no space'));
    });
    await expect(failed).rejects.toThrow('no space');
    expect(readdirSync(home)).toEqual(['downloads']);
  });

  it('keeps the engine that was there when the new one fails, and its downloads', async () => {
    const home = scratch();
    await install(home, 'cpu', fill);
    const failed = install(home, 'cpu', async ({ downloads, finish }) => {
      writeFileSync(join(downloads, 'half.whl'), 'half');
      return finish(FACTS, ['nowhere.so']);
    });
    await expect(failed).rejects.toThrow('nowhere.so');
    expect(findEngine('cpu', [home])).toHaveProperty('manifest');
    expect(readFileSync(join(home, 'downloads', 'half.whl'), 'utf8')).toBe('half');
  });

  it('replaces the engine that was there, and clears what a killed installation left', async () => {
    const home = scratch();
    await install(home, 'cpu', fill);
    mkdirSync(join(home, '.partial-cpu-dead'));
    mkdirSync(join(home, '.partial-gpu-alive'));
    await install(home, 'cpu', (each) => fill(each, 'a newer library'));
    expect(readFileSync(join(home, 'cpu', 'lib.so'), 'utf8')).toBe('a newer library');
    expect(readdirSync(home).sort()).toEqual(['.partial-gpu-alive', 'cpu', 'downloads']);
  });

  it('refuses a second one at once; other kinds go on', async () => {
    const home = scratch();
    await install(home, 'cpu', async (installation) => {
      await expect(install(home, 'cpu', fill)).rejects.toThrow(LockedError);
      await expect(remove(home, 'cpu')).rejects.toThrow(LockedError);
      await install(home, 'gpu', fill);
      await fill(installation);
    });
    expect(findEngine('cpu', [home])).toHaveProperty('manifest');
    expect(findEngine('gpu', [home])).toHaveProperty('manifest');
  });

  it('is removed', async () => {
    const home = scratch();
    await install(home, 'cpu', fill);
    await remove(home, 'cpu');
    expect(existsSync(join(home, 'cpu'))).toBe(false);
    await remove(home, 'cpu');
  });

  it('keeps a project clean for git, and touches no other folder above the home', async () => {
    const project = scratch();
    mkdirSync(join(project, '.permafrost'));
    await install(join(project, '.permafrost', 'engine'), 'cpu', fill);
    expect(readFileSync(join(project, '.permafrost', '.gitignore'), 'utf8')).toBe('*\n');
    const other = scratch();
    await install(join(other, 'home'), 'cpu', fill);
    expect(readdirSync(other)).toEqual(['home']);
  });
});

describe('an engine that cannot be used', () => {
  it.each([
    ['truncated', 'lib', 'has 3 bytes, 7 were installed'],
    ['emptied', '', 'has 0 bytes'],
  ])('because a library was %s', async (_what, text, reason) => {
    const home = scratch();
    await install(home, 'cpu', fill);
    writeFileSync(join(home, 'cpu', 'lib.so'), text);
    expect(findEngine('cpu', [home])).toEqual({
      missing: expect.stringContaining(reason) as string,
    });
  });

  it('because what it links to has another size, or is gone', async () => {
    const [home, python] = [scratch(), scratch()];
    const library = join(python, 'libtensorflow_cc.so.2');
    writeFileSync(library, 'library');
    await install(home, 'cpu', async ({ folder, finish }) => {
      symlinkSync(library, join(folder, 'lib.so'));
      await finish(FACTS, ['lib.so']);
    });
    expect(findEngine('cpu', [home])).toHaveProperty('manifest');
    writeFileSync(library, 'an upgraded library');
    expect(findEngine('cpu', [home])).toEqual({
      missing: expect.stringContaining('lib.so has 19 bytes, 7') as string,
    });
    await remove(python, 'cpu');
    symlinkSync(join(python, 'gone'), join(home, 'cpu', 'gone.so'));
    expect(readManifest(join(home, 'cpu'))).toHaveProperty('reason');
  });

  it.each([
    ['no manifest', null, 'nothing in'],
    ['no JSON', '{', 'is not a manifest'],
    ['another format', '{"v":2}', 'is not a manifest'],
    ['null', 'null', 'is not a manifest'],
  ])('because of %s', (_what, text, reason) => {
    const home = scratch();
    mkdirSync(join(home, 'cpu'));
    if (text !== null) writeFileSync(join(home, 'cpu', MANIFEST_FILE), text);
    expect(findEngine('cpu', [home])).toEqual({
      missing: expect.stringContaining(reason) as string,
    });
  });

  it('is of another platform', async () => {
    const home = scratch();
    await install(home, 'cpu', fill);
    const file = join(home, 'cpu', MANIFEST_FILE);
    const manifest = parseManifest(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...manifest, platform: 'sunos' }));
    expect(findEngine('cpu', [home])).toEqual({
      missing: expect.stringContaining('is for sunos') as string,
    });
  });

  it('is passed over for one in a later home, whose reason is not told', async () => {
    const [first, second] = [scratch(), scratch()];
    await install(first, 'cpu', fill);
    await install(second, 'cpu', fill);
    writeFileSync(join(first, 'cpu', 'lib.so'), '');
    expect(findEngine('cpu', [first, second])).toMatchObject({ folder: join(second, 'cpu') });
  });
});
