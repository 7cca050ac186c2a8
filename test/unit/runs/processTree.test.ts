import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { isAlive } from '../../../src/runs/launch/liveness';
import { parseStat, processTable } from '../../../src/runs/launch/processTable';
import { signalTree, stopTree, treeOf } from '../../../src/runs/launch/processTree';

const children: ChildProcess[] = [];

afterEach(async () => {
  const pids = children.splice(0).flatMap(({ pid }) => pid ?? []);
  await signalTree(pids, 'SIGKILL');
});

/** A Node process that runs `script`, and the first line that it printed. */
async function start(script: string): Promise<{ pid: number; line: string; child: ChildProcess }> {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [data] = (await once(child.stdout, 'data')) as [Buffer];
  if (child.pid === undefined) throw new Error('did not start');
  return { pid: child.pid, line: data.toString().trim(), child };
}

/** A process with a child that ignores the signals told; prints the child's process id. */
function parentOf(ignored: readonly NodeJS.Signals[]): string {
  const ignore = ignored.map((signal) => `process.on('${signal}', () => {});`).join('');
  const child = `${ignore} setInterval(() => {}, 1000); console.log('up')`;
  return `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => console.log(child.pid));
    setInterval(() => {}, 1000);
  `;
}

describe('a process tree', () => {
  it('holds the children of children', async () => {
    const { pid, line } = await start(parentOf([]));
    expect([...(await treeOf([pid]))].sort()).toEqual([pid, Number(line)].sort());
  });

  it('of a process that is gone is empty', async () => {
    const { pid, child } = await start('console.log(1)');
    if (child.exitCode === null) await once(child, 'exit');
    expect(await treeOf([pid])).toEqual([]);
  });

  it('gets a signal once in each process', async () => {
    const script = `
      let count = 0;
      process.on('SIGINT', () => { count++; setTimeout(() => { process.exit(count); }, 300); });
      setInterval(() => {}, 1000);
      console.log('up');
    `;
    const { pid, child } = await start(script);
    const ended = once(child, 'exit');
    expect(await signalTree([pid], 'SIGINT')).toEqual([pid]);
    expect(await ended).toEqual([1, null]);
  });
});

describe('stopping a process tree', () => {
  it('asks with SIGINT first, so that a script can save', async () => {
    const script = `
      process.on('SIGINT', () => { console.log('saved'); process.exit(0); });
      setInterval(() => {}, 1000);
      console.log('up');
    `;
    const { pid, child } = await start(script);
    const output: string[] = [];
    child.stdout?.on('data', (data: Buffer) => output.push(data.toString()));
    const ended = once(child, 'close');
    await stopTree(pid);
    expect(await ended).toEqual([0, null]);
    expect(output.join('')).toBe('saved\n');
  });

  it.each<[string, readonly NodeJS.Signals[]]>([
    ['ignores nothing', []],
    ['ignores SIGINT', ['SIGINT']],
    ['ignores SIGINT and SIGTERM', ['SIGINT', 'SIGTERM']],
  ])('ends a child that %s, also when its parent is gone before', async (_, ignored) => {
    const { pid, line } = await start(parentOf(ignored));
    const options = { interruptMilliseconds: 150, terminateMilliseconds: 150 };
    await stopTree(pid, options);
    expect([isAlive(pid), isAlive(Number(line))]).toEqual([false, false]);
  });

  it('of a process that is gone does nothing', async () => {
    const { pid, child } = await start('console.log(1)');
    if (child.exitCode === null) await once(child, 'exit');
    await stopTree(pid);
    expect(isAlive(pid)).toBe(false);
  });
});

describe('a process id', () => {
  it('is alive while its process runs', async () => {
    const { pid, child } = await start('console.log(1); setInterval(() => {}, 1000)');
    expect(isAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(pid)).toBe(false);
  });

  it('of another user is alive', () => {
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.('nobody');
    try {
      expect(isAlive(1)).toBe(true);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('of a process that ended and was not waited for is not alive', async () => {
    const { pid: parent, line } = await start(parentOf([]));
    const pid = Number(line);
    // A process that stands still does not wait for its children.
    process.kill(parent, 'SIGSTOP');
    process.kill(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await processTable()).find((entry) => entry.pid === pid)?.zombie).toBe(true);
    expect(isAlive(pid)).toBe(false);
  });
});

describe('a line of /proc', () => {
  it.each([
    ['12 (node) S 3 12 12 0', { pid: 12, parent: 3, zombie: false }],
    ['12 (a) Z 9) S 3 12', { pid: 12, parent: 3, zombie: false }],
    ['12 (sh\nx) Z 1 12', { pid: 12, parent: 1, zombie: true }],
    ['', null],
  ])('%j is read', (stat, entry) => {
    expect(parseStat(stat)).toEqual(entry);
  });
});
