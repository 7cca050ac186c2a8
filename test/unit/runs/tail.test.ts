import { appendFile, mkdir, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventTail } from '../../../src/runs/tail';

let folder: string;
let file: string;
/** What was told: lines, and `reset`. */
let told: string[];
let tail: EventTail;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'permafrost tail '));
  file = join(folder, 'events.jsonl');
  told = [];
  tail = new EventTail(
    folder,
    (lines, reset) => {
      if (reset) told.push('reset');
      told.push(...lines);
    },
    20,
  );
});

afterEach(async () => {
  tail.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe('a followed file', () => {
  it('may come later', async () => {
    tail.start();
    await tail.readNow();
    await writeFile(file, 'one\n');
    await vi.waitFor(() => {
      expect(told).toEqual(['one']);
    });
  });

  it('is told as it grows, each line once', async () => {
    await writeFile(file, 'one\n');
    tail.start();
    await tail.readNow();
    await appendFile(file, 'two\nthree\n');
    await vi.waitFor(() => {
      expect(told).toEqual(['one', 'two', 'three']);
    });
    await tail.readNow();
    expect(told).toHaveLength(3);
  });

  it('has its torn last line told when it is complete', async () => {
    await writeFile(file, 'one\n{"type":');
    await tail.readNow();
    expect(told).toEqual(['one']);
    await appendFile(file, '"progress"}\n');
    await tail.readNow();
    expect(told).toEqual(['one', '{"type":"progress"}']);
  });

  it('keeps characters whole that a read cuts in two', async () => {
    const bytes = Buffer.from('größe 深 🧊\n');
    for (const byte of bytes) {
      await appendFile(file, Buffer.of(byte));
      await tail.readNow();
    }
    expect(told).toEqual(['größe 深 🧊']);
  });

  it('is read in chunks when it is large', async () => {
    const lines = Array.from(
      { length: 40_000 },
      (_, index) => `${'ü'.repeat(50)} ${String(index)}`,
    );
    await writeFile(file, `${lines.join('\n')}\n`);
    await tail.readNow();
    expect(told).toEqual(lines);
  });

  it('begins anew when it was truncated', async () => {
    await writeFile(file, 'one\ntwo\n');
    await tail.readNow();
    await truncate(file, 4);
    await tail.readNow();
    expect(told).toEqual(['one', 'two', 'reset', 'one']);
  });

  it('begins anew when it was written anew in place, longer than before', async () => {
    await writeFile(file, 'one\n');
    await tail.readNow();
    await writeFile(file, 'another first line\nand a second\n');
    await tail.readNow();
    expect(told).toEqual(['one', 'reset', 'another first line', 'and a second']);
  });

  it('begins anew when another file takes its place', async () => {
    await writeFile(file, 'one\n');
    await tail.readNow();
    await writeFile(join(folder, 'new'), 'two\nthree\n');
    await rename(join(folder, 'new'), file);
    await tail.readNow();
    expect(told).toEqual(['one', 'reset', 'two', 'three']);
  });

  it('forgets a torn line when it begins anew', async () => {
    await writeFile(file, 'one\ntorn');
    await tail.readNow();
    await writeFile(file, 'two\n');
    await tail.readNow();
    expect(told).toEqual(['one', 'reset', 'two']);
  });

  it('is void when it is deleted, once, and may come again', async () => {
    await writeFile(file, 'one\n');
    await tail.readNow();
    await rm(file);
    await tail.readNow();
    await tail.readNow();
    expect(told).toEqual(['one', 'reset']);
    await writeFile(file, 'one\n');
    await tail.readNow();
    expect(told).toEqual(['one', 'reset', 'one']);
  });

  it('may lose its folder', async () => {
    await writeFile(file, 'one\n');
    tail.start();
    await tail.readNow();
    await rm(folder, { recursive: true });
    await vi.waitFor(() => {
      expect(told).toEqual(['one', 'reset']);
    });
  });

  it('that is a folder is waited for', async () => {
    await mkdir(file);
    await tail.readNow();
    expect(told).toEqual([]);
  });

  it('is told no more once disposed', async () => {
    await writeFile(file, 'one\n');
    tail.start();
    tail.dispose();
    await tail.readNow();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(told).toEqual([]);
  });

  it('is followed on although a reader of lines threw', async () => {
    let calls = 0;
    const faulty = new EventTail(folder, () => {
      calls++;
      throw new Error('reader');
    });
    await writeFile(file, 'one\n');
    await faulty.readNow();
    await appendFile(file, 'two\n');
    await faulty.readNow();
    faulty.dispose();
    expect(calls).toBe(2);
  });
});

describe('the files of several ranks', () => {
  const rank = (number: number): string => join(folder, `events.rank${String(number)}.jsonl`);

  it('are followed beside the first, whenever they appear', async () => {
    await writeFile(file, 'main\n');
    tail.start();
    await tail.readNow();
    await writeFile(rank(11), 'eleven\n');
    await writeFile(rank(2), 'two\n');
    await vi.waitFor(() => {
      expect([...told].sort()).toEqual(['eleven', 'main', 'two']);
    });
    await appendFile(rank(2), 'more of two\n');
    await vi.waitFor(() => {
      expect(told.at(-1)).toBe('more of two');
    });
  });

  it('are told before the file that holds the end of the run', async () => {
    await writeFile(file, 'end\n');
    for (const number of [10, 1]) await writeFile(rank(number), `${String(number)}\n`);
    await tail.readNow();
    expect(told).toEqual(['1', '10', 'end']);
  });

  it('are no other files of the run', async () => {
    for (const name of ['permafrost.json', 'events.rank0.jsonl', 'events.rank1.jsonl.tmp']) {
      await writeFile(join(folder, name), 'x\n');
    }
    await tail.readNow();
    expect(told).toEqual([]);
  });

  it.each([
    ['is cut', () => truncate(rank(1), 0), ['reset', 'main']],
    ['is deleted', () => rm(rank(1)), ['reset', 'main']],
    ['is written anew', () => writeFile(rank(1), 'new\n'), ['reset', 'new', 'main']],
  ])('begin anew, all of them, when one %s', async (_, change, after) => {
    await writeFile(file, 'main\n');
    await writeFile(rank(1), 'one\n');
    await tail.readNow();
    await change();
    await tail.readNow();
    await tail.readNow();
    expect(told).toEqual(['one', 'main', ...after]);
  });
});
