import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
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
    file,
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
    const odd = new EventTail(folder, () => told.push('told'));
    await odd.readNow();
    odd.dispose();
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
    const faulty = new EventTail(file, () => {
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
