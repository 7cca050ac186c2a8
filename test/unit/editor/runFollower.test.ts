import { appendFile, mkdtemp, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { glance } from '../../../src/editor/runs/glance';
import { RunFollower } from '../../../src/editor/runs/runFollower';

let directory = '';
let events = '';
const followers: RunFollower[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'permafrost-follow-'));
  events = join(directory, 'events.jsonl');
});
afterEach(async () => {
  for (const follower of followers.splice(0)) follower.dispose();
  await rm(directory, { recursive: true });
});

const line = (body: Record<string, unknown>): string =>
  `${JSON.stringify({ v: 1, t: Date.now(), proc: 'launcher', ...body })}\n`;
const started = (pid: number | null): string =>
  line({
    ...{ type: 'run-started', id: 'x', command: 'node train.js', cwd: '/', launcher: 'editor' },
    ...{ permafrost: '0.1.0', pid, onMove: 'report', rules: ['**'] },
  });
const ended = line({ type: 'run-ended', code: 0 });

function follow(onChange = vi.fn(), onOver = vi.fn()): RunFollower {
  const follower = new RunFollower('x', directory, onChange, onOver);
  followers.push(follower);
  return follower;
}

/** A process id that no process has. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('RunFollower', () => {
  it('follows a live run to its end and tells it once', async () => {
    await writeFile(events, started(process.pid));
    const onOver = vi.fn();
    const follower = follow(vi.fn(), onOver);
    expect(await follower.start(Date.now())).toBe(true);
    expect(follower.live).toBe(true);
    await appendFile(events, ended);
    await vi.waitFor(() => {
      expect(follower.live).toBe(false);
    }, 5000);
    expect(follower.state.status).toBe('finished');
    expect(onOver).toHaveBeenCalledTimes(1);
  });

  it('reads a run that is over without following it', async () => {
    await writeFile(events, started(process.pid) + ended);
    const onOver = vi.fn();
    expect(await follow(vi.fn(), onOver).start(0)).toBe(false);
    expect(onOver).not.toHaveBeenCalled();
  });

  it('does not take a run for live whose processes are gone', async () => {
    await writeFile(events, started(await deadPid()));
    const follower = follow();
    expect(await follower.start(Date.now())).toBe(false);
    expect(follower.state.status).toBe('lost');
  });

  it('notices that the processes of a live run were killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
    await writeFile(events, started(child.pid ?? 0));
    const follower = follow();
    expect(await follower.start(Date.now())).toBe(true);
    child.kill('SIGKILL');
    await vi.waitFor(() => {
      expect(follower.state.status).toBe('lost');
    }, 8000);
  }, 10_000);

  it('begins anew when the file is cut, so that no old verdict stays', async () => {
    await writeFile(events, started(process.pid));
    const follower = follow();
    await follower.start(Date.now());
    expect(follower.state.command).toBe('node train.js');
    await truncate(events, 0);
    await vi.waitFor(() => {
      expect(follower.state.command).toBe('');
    }, 5000);
  });

  it('gives up on an old file that names no process', async () => {
    await writeFile(events, 'garbage\n');
    expect(await follow().start(Date.now() - 3_600_000)).toBe(false);
  });
});

describe('glance', () => {
  it('tells from the last line whether the run has ended', async () => {
    await writeFile(events, started(1));
    expect((await glance(events))?.over).toBe(false);
    await appendFile(events, ended);
    expect((await glance(events))?.over).toBe(true);
  });

  it('does so for a long file', async () => {
    await writeFile(events, started(1).repeat(1000) + ended);
    expect((await glance(events))?.over).toBe(true);
  });

  it('tells when the file was written last', async () => {
    await writeFile(events, '');
    const time = new Date(2020, 0, 1);
    await utimes(events, time, time);
    expect((await glance(events))?.written).toBe(time.getTime());
  });

  it('is null without a file', async () => {
    expect(await glance(join(directory, 'absent.jsonl'))).toBeNull();
  });
});
