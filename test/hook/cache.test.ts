import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventOf } from '../../src/runs/events';
import { eventsOf, runHooked, type Options, type Result } from './runScript';

/** Trains in many ways and prints all that it leaves behind, to the last bit. */
const SCRIPT = 'cache-fit.cjs';
const FREEZE: Readonly<Record<string, readonly unknown[]>> = {
  sequential: ['conv1/*', 'bn1/*'],
  functional: ['conv1/*', 'bn1/*'],
  nested: ['base/**'],
};

type Mode = 'off' | 'auto' | 'on';

function train(
  way: string,
  cache: Mode,
  env: Record<string, string> = {},
  freeze?: unknown[],
): Promise<Result> {
  const args = way.split(' ');
  const config = { freeze: freeze ?? FREEZE[args[0] ?? ''], onMove: 'report', cache };
  const options: Options = { args, config, env };
  return runHooked(SCRIPT, options);
}

/** The states of the cache in order, each once, with the reason behind. */
function states(result: Result): readonly string[] {
  const told = caches(result).map(({ state, reason }) =>
    reason === null ? state : `${state}: ${reason}`,
  );
  return told.filter((each, at) => each !== told[at - 1]);
}

const caches = (result: Result): readonly EventOf<'cache'>[] => eventsOf(result, 'cache');
const faults = (result: Result): readonly string[] =>
  eventsOf(result, 'message').flatMap(({ code, text }) => (code === 'hook-fault' ? [text] : []));

/** Trains with the cache and without, and holds the two to be equal in every bit. */
async function equal(way: string, env: Record<string, string> = {}): Promise<Result> {
  const [without, result] = await Promise.all([train(way, 'off'), train(way, 'on', env)]);
  expect(result.stderr + faults(result).join()).not.toMatch(/Error|fault/);
  expect(result.code).toBe(0);
  expect(without.stdout).toContain('"weights"');
  expect(result.stdout).toBe(without.stdout);
  return result;
}

describe('a training with the cache is the training without', () => {
  it.each([
    // Shuffled, with dropout behind the cut, regularized frozen weights, evaluated in between.
    ['sequential valid'],
    ['sequential split weights stop'],
    // Two inputs, two outputs, a shared layer, a branch past the prefix.
    ['functional split'],
    ['nested valid early'],
    ['sequential dataset tensors'],
    ['sequential batches'],
  ])('%s', async (way) => {
    const result = await equal(way);
    expect(states(result)).toEqual(['used']);
    const last = caches(result).at(-1);
    expect(last?.where).toBe('memory');
    expect(last?.samples).toBeGreaterThanOrEqual(24);
    // BatchNorm of the prefix normalised by its frozen statistics, in each epoch.
    for (const { normalization, findings } of eventsOf(result, 'verified')) {
      expect(normalization.map(({ mode, frozen }) => `${mode} ${frozen}`)).toEqual([
        'running true',
      ]);
      expect(findings).toEqual([]);
    }
  });

  it('computes features once for all trainings with the same tensors, compiled anew or not', async () => {
    const result = await equal('sequential twice recompile');
    expect(states(result)).toEqual(['used']);
    expect(caches(result).at(-1)?.samples).toBe(24);
  });

  it('notices an array that the script writes to behind its tensor', async () => {
    expect(states(await equal('sequential twice rewrite'))).toEqual(['used']);
  });

  it('goes on with the whole model when a frozen weight is assigned', async () => {
    const result = await equal('sequential assign');
    expect(states(result)).toEqual(['used', 'ended: conv1/kernel was assigned other values']);
    expect(caches(result).at(-1)?.epoch).toBe(3);
  });

  it('goes on with the whole model when bytes of a frozen weight were changed in place', async () => {
    const result = await equal('sequential poke');
    expect(states(result)).toEqual(['used', 'ended: conv1/kernel has moved']);
  });

  it('gives itself up when no sample comes twice', async () => {
    const result = await equal('sequential dataset augment');
    expect(states(result)).toEqual([
      'used',
      'ended: only 0 of 24 samples of this epoch had come before, so the data are not the same in each epoch',
    ]);
    expect(caches(result).at(-1)?.epoch).toBe(3);
  });
});

describe('a cache that cannot be', () => {
  it('is refused with the rule and the epoch of a thaw within the training', async () => {
    const rule = { match: 'conv1/*', until: 3 };
    const result = await train('sequential', 'on', {}, [rule, 'bn1/*']);
    expect(states(result)).toEqual([
      'refused: conv1/kernel thaws in epoch 4, after the rule {"match":"conv1/*","until":3}',
    ]);
    expect(caches(result)[0]).toMatchObject({ layers: 0, cut: [], epoch: 1 });
  });

  it('is refused by `auto` where it does not pay or memory does not suffice', async () => {
    const [light, little] = await Promise.all([
      train('sequential long wide', 'auto'),
      train('sequential', 'auto', { PERMAFROST_CACHE_BUDGET: '1000' }),
    ]);
    expect(states(light)).toEqual([
      expect.stringMatching(/^refused: an epoch would be only 1\.\d\d times faster$/),
    ]);
    expect(states(little)).toEqual([
      'refused: the features would take 0 MiB, more than the memory for them',
    ]);
  });

  it('is used by `auto`, and offered where it is off, where it pays', async () => {
    const [auto, off] = await Promise.all([
      train('sequential long heavy', 'auto'),
      train('sequential long heavy', 'off'),
    ]);
    expect(auto.stdout).toBe(off.stdout);
    expect(states(auto)).toEqual(['used']);
    expect(caches(auto).at(-1)?.gain).toBeGreaterThan(1.2);
    expect(caches(off).map(({ state }) => state)).toEqual(['offered']);
    expect(caches(off)[0]?.gain).toBeGreaterThanOrEqual(1.5);
  });
});

describe('features on the disk', () => {
  let folder = '';
  let env: Record<string, string> = {};
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'permafrost cache '));
    env = { PERMAFROST_CACHE_DIR: folder, PERMAFROST_CACHE_BUDGET: '1100' };
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const warnings = (result: Result): readonly string[] =>
    eventsOf(result, 'message').flatMap(({ code, text }) => (code === 'cache-file' ? [text] : []));
  const file = async (name: string): Promise<string> => {
    const [set = ''] = await readdir(folder);
    return join(folder, set, name);
  };

  it('are used beyond memory, left to a later run, and never used when anything is wrong', async () => {
    const first = await equal('sequential dataset', env);
    expect(caches(first).at(-1)).toMatchObject({ where: 'disk', samples: 34, bytes: 34 * 108 });
    expect(await readdir(folder)).toHaveLength(1);
    const rows = await readFile(await file('rows.bin'));

    const again = await train('sequential dataset', 'on', env);
    expect(again.stdout).toBe(first.stdout);
    expect(warnings(again)).toEqual([]);
    expect(await readFile(await file('rows.bin'))).toEqual(rows);

    // A bit of a row, a shorter file, an index that was written to.
    rows[5] = (rows[5] ?? 0) ^ 1;
    await writeFile(await file('rows.bin'), rows);
    const damaged = await train('sequential dataset', 'on', env);
    expect(damaged.stdout).toBe(first.stdout);
    expect(warnings(damaged)).toEqual([
      expect.stringMatching(/are damaged; they are computed again$/),
    ]);

    await truncate(await file('rows.bin'), 100);
    const shorter = await train('sequential dataset', 'on', env);
    expect(shorter.stdout).toBe(first.stdout);
    expect(warnings(shorter)).toEqual([
      expect.stringMatching(/not used: the file is not as long as it was$/),
    ]);

    const index = await readFile(await file('index.json'), 'utf8');
    await writeFile(await file('index.json'), index.replace('by sample', 'by simple'));
    const foreign = await train('sequential dataset', 'on', env);
    expect(foreign.stdout).toBe(first.stdout);
    expect(warnings(foreign)).toHaveLength(1);
  });

  it('of other weights or data are other files', async () => {
    await train('sequential', 'on', env);
    await train('sequential other', 'on', env);
    await train('sequential data', 'on', env);
    expect(await readdir(folder)).toHaveLength(4);
  });

  it('that cannot be written leave the training as it is', async () => {
    const nowhere = join(folder, 'file');
    await writeFile(nowhere, '');
    const result = await equal('sequential valid', { ...env, PERMAFROST_CACHE_DIR: nowhere });
    // What fits into memory is kept all the same.
    expect(states(result)).toEqual(['used']);
    expect(caches(result).at(-1)).toMatchObject({ where: 'memory', samples: 10 });
    expect(warnings(result)).toEqual([expect.stringMatching(/^Features cannot be kept in /)]);
  });
});
