// Pickles that run code when Python loads them: they are listed, with a warning, and run nothing.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { lookAt } from './looks';
import { libraries, WRITERS } from './written';

const attackSchema = z.object({
  file: z.string(),
  /** Of the tensors that can be known; null when the file may be refused. */
  names: z.array(z.string()).nullable(),
  /** What the warning is to name. */
  says: z.string(),
  /** Whether torch.load of PyTorch 1.13 runs it. */
  runs: z.boolean(),
  /** Name of the file that it leaves. */
  canary: z.string(),
});

const folder = join(mkdtempSync(join(tmpdir(), 'permafrost-attacks-')), 'files');
afterAll(() => {
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

describe.skipIf(!libraries.debian.ok)('a pickle that runs code', async () => {
  const python = libraries.debian.ok ? libraries.debian.python : '';
  const attack = (...options: readonly string[]): void => {
    execFileSync(python, [join(WRITERS, 'attack_files.py'), folder, ...options], {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', OMP_NUM_THREADS: '1' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  };
  if (!libraries.debian.ok) return;
  attack();
  const text = readFileSync(join(folder, 'attacks.json'), 'utf8');
  const attacks = z.array(attackSchema).parse(JSON.parse(text));
  const files = attacks.map(({ file }) => file);
  const looks = await lookAt(folder, files);

  it.each(attacks)('$file is listed', ({ file, names, says }) => {
    const look = looks[files.indexOf(file)];
    expect(look).toMatchObject({ path: file, crash: null });
    if (look === undefined) return;
    expect(look.milliseconds).toBeLessThan(1000);
    if (look.listing === null) {
      expect(names).toBeNull();
      expect(look.error).toMatchObject({ file });
      return;
    }
    const { models, warnings } = look.listing;
    if (names !== null) {
      const found = models.flatMap(({ tensors }) => tensors.map(({ name }) => name));
      expect(found).toEqual(names);
      expect(warnings).not.toEqual([]);
    }
    expect(warnings.map((warning) => warning.text).join('\n')).toContain(says);
  });

  it('leaves nothing behind when it is listed', () => {
    expect(readdirSync(join(folder, 'canary'))).toEqual([]);
  });

  it('leaves its canary when PyTorch loads it', () => {
    attack('--load');
    const left = attacks.filter(({ canary }) => existsSync(join(folder, 'canary', canary)));
    const running = attacks.filter(({ runs }) => runs);
    expect(left.map(({ file }) => file)).toEqual(running.map(({ file }) => file));
    console.log(`${running.length} of ${attacks.length} pickles run code in PyTorch, none here`);
  });
});
