import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LockedError, takeLock } from '../../../src/engines/lock';
import { scratch } from './scratch';

const file = (home: string): string => join(home, '.lock-cpu');

/** A process that has ended. */
async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.once('close', resolve));
  return child.pid ?? 0;
}

describe('the lock of an engine', () => {
  it('is held by one, and free again afterwards', async () => {
    const home = scratch();
    const release = await takeLock(home, 'cpu');
    await expect(takeLock(home, 'cpu')).rejects.toThrow(LockedError);
    await release();
    await (
      await takeLock(home, 'cpu')
    )();
    expect(readdirSync(home)).toEqual([]);
  });

  it('is taken over from a process that has ended', async () => {
    const home = scratch();
    writeFileSync(
      file(home),
      JSON.stringify({ pid: await endedPid(), host: hostname(), started: '' }),
    );
    const release = await takeLock(home, 'cpu');
    expect(readFileSync(file(home), 'utf8')).toContain(`"pid":${String(process.pid)},`);
    await release();
  });

  it('is taken over when its number has been given to another process since', async () => {
    const home = scratch();
    const held = { pid: process.ppid, host: hostname(), started: 'another boot 1' };
    writeFileSync(file(home), JSON.stringify(held));
    await (
      await takeLock(home, 'cpu')
    )();
  });

  it('is not taken over from another machine', async () => {
    const home = scratch();
    writeFileSync(file(home), JSON.stringify({ pid: 1, host: 'node07', started: '' }));
    await expect(takeLock(home, 'cpu')).rejects.toThrow('process 1 on node07');
  });

  it('is not taken over while it is being written, but when it was never written', async () => {
    const home = scratch();
    writeFileSync(file(home), '');
    await expect(takeLock(home, 'cpu')).rejects.toThrow(LockedError);
    const before = Date.now() / 1000 - 60;
    utimesSync(file(home), before, before);
    await (
      await takeLock(home, 'cpu')
    )();
  });

  it('is had by exactly one of many that find it stale at once', async () => {
    const home = scratch();
    const stale = JSON.stringify({ pid: await endedPid(), host: hostname(), started: '' });
    writeFileSync(file(home), stale);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => takeLock(home, 'cpu')),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(readdirSync(home)).toEqual(['.lock-cpu']);
  });
});
