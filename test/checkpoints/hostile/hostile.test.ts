// Files that lie about themselves: listed or refused, soon and in little memory.
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { lookAt, type Look } from '../looks';
import { readSeeds } from '../fuzz/seeds';
import { tryCheckpoint } from '../fuzz/try';
import { ARCHIVES } from './archives';
import type { HostileFile } from './hostileFile';
import { PICKLES } from './pickles';
import { TEXTS } from './texts';

const MOST_MEMORY = 400 * 1024 * 1024;
/** A small file takes a second at most; one of megabytes, or that inflates to hundreds, a bit more. */
const MOST_MILLISECONDS = 1000;
const SMALL = 200_000;
const MOST_MILLISECONDS_OF_LARGE = 5000;
const folder = mkdtempSync(join(tmpdir(), 'permafrost-hostile-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ['a pickle', PICKLES],
  ['an archive', ARCHIVES],
  ['a text', TEXTS],
] as const)('%s that lies', async (kind, files) => {
  const scratch = join(folder, kind);
  for (const file of files) write(scratch, file);
  const names = files.map(({ name }) => name);
  const looks = await lookAt(scratch, names);

  it.each(files)('$name', ({ name, bytes, becomes }) => {
    const look = looks[names.indexOf(name)];
    expect(look).toBeDefined();
    if (look === undefined) return;
    expect(look.crash).toBeNull();
    const limit = bytes.length < SMALL ? MOST_MILLISECONDS : MOST_MILLISECONDS_OF_LARGE;
    expect(look.milliseconds).toBeLessThan(limit);
    expect(look.memory).toBeLessThan(MOST_MEMORY);
    if (becomes === 'refused') expect(look.error).not.toBeNull();
    if (look.error !== null) expect(look.error.reason).toMatch(/\.$/);
    if (typeof becomes !== 'string') expect(tensorNames(look)).toEqual(becomes);
  });
});

describe('what is no file', () => {
  const scratch = join(folder, 'places');
  mkdirSync(scratch);

  it.skipIf(process.platform === 'win32')('is refused without waiting', async () => {
    execFileSync('mkfifo', [join(scratch, 'pipe.pt')]);
    symlinkSync('loop.pt', join(scratch, 'loop.pt'));
    symlinkSync('nowhere.pt', join(scratch, 'dangling.pt'));
    mkdirSync(join(scratch, 'folder'));
    const server = createServer().listen(join(scratch, 'socket.pt'));
    const index = JSON.stringify({ weight_map: { a: 'pipe.pt' } });
    writeFileSync(join(scratch, 'model.bin.index.json'), index);
    const names = ['pipe.pt', 'loop.pt', 'dangling.pt', 'socket.pt', 'model.bin.index.json'];
    const looks = await lookAt(scratch, [...names, '/dev/zero', 'folder', 'missing.pt'], 20_000);
    server.close();
    expect(looks.map(({ crash }) => crash)).toEqual(looks.map(() => null));
    expect(looks.map(({ error }) => error?.reason)).toEqual([
      'this is no ordinary file: name a checkpoint file.',
      'it is a link that leads to itself.',
      'there is no such file.',
      'this is no ordinary file: name a checkpoint file.',
      'this is no ordinary file: name a checkpoint file.',
      'this is no ordinary file: name a checkpoint file.',
      'this folder holds no checkpoint under one of the usual names. Name the file.',
      'there is no such file.',
    ]);
  });
});

describe('a file that is cut short', () => {
  const corpus = fileURLToPath(new URL('../fuzz/corpus', import.meta.url));
  const whole = readSeeds(corpus);

  it.each(whole)('$kind/$main is refused', (seed) => {
    const bytes = seed.files.get(seed.main) ?? new Uint8Array(0);
    const listed: number[] = [];
    // Every length of what is small, and thousands of what is not.
    const step = Math.ceil(bytes.length / 4000);
    for (let length = 0; length < bytes.length; length += step) {
      const files = new Map(seed.files).set(seed.main, bytes.subarray(0, length));
      if (tryCheckpoint({ ...seed, files }) === 'listed') listed.push(length);
    }
    expect(listed).toEqual([]);
  });
});

function write(scratch: string, { name, bytes, others = {} }: HostileFile): void {
  for (const [each, content] of Object.entries({ ...others, [name]: bytes })) {
    const path = join(scratch, each);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

function tensorNames({ listing }: Look): readonly string[] | null {
  if (listing === null) return null;
  return listing.models.flatMap(({ tensors }) =>
    tensors.flatMap(({ name, aliases = [] }) => [name, ...aliases]),
  );
}
