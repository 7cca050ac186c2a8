import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  constants,
  copyFile,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../runs/launch/liveness';
import type { EngineKind } from './manifest';

/** A lock that says nothing yet may be one that is being written: for so long, in milliseconds. */
const WRITING_MILLISECONDS = 5000;

/** Another process installs the same engine. */
export class LockedError extends Error {
  override readonly name = 'LockedError';

  constructor(
    readonly file: string,
    holder: string,
  ) {
    super(`${holder} is installing the same engine`);
  }
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, as its system counts; '' where that cannot be told. */
  readonly started: string;
}

/**
 * Takes the lock of one kind of engine in `home`, from a process that has ended too. A process on
 * another machine, which shares the folder, cannot be asked: its lock holds until the file is
 * deleted.
 * @returns what gives the lock back; it never throws
 * @throws LockedError while another process holds it; what the file system throws
 */
export async function takeLock(home: string, kind: EngineKind): Promise<() => Promise<void>> {
  await mkdir(home, { recursive: true });
  const file = join(home, `.lock-${kind}`);
  const me: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid) };
  while (!(await writtenFirst(file, JSON.stringify(me)))) {
    const holder = await heldBy(file);
    if (holder !== null) throw new LockedError(file, holder);
    await moveAway(file);
  }
  return () => rm(file, { force: true }).catch(() => undefined);
}

/** Whoever moves a stale lock away has it alone; a live one that came in between is put back. */
async function moveAway(file: string): Promise<void> {
  const away = `${file}.${randomBytes(4).toString('hex')}`;
  const moved = await succeeds(rename(file, away), 'ENOENT');
  if (!moved) return;
  if ((await heldBy(away)) !== null) {
    await succeeds(copyFile(away, file, constants.COPYFILE_EXCL), 'EEXIST');
  }
  await rm(away, { force: true });
}

function writtenFirst(file: string, text: string): Promise<boolean> {
  return succeeds(writeFile(file, text, { flag: 'wx' }), 'EEXIST');
}

/** Whether it succeeds; false when it fails with `code`. @throws any other failure */
async function succeeds(work: Promise<unknown>, code: string): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return false;
    throw error;
  }
}

/** Who holds the lock; null when whoever did has ended, or it is gone. */
async function heldBy(file: string): Promise<string | null> {
  const holder = await readHolder(file);
  if (holder === null) {
    const found = await stat(file).catch(() => null);
    const young = found !== null && Date.now() - found.mtimeMs < WRITING_MILLISECONDS;
    return young ? 'another process' : null;
  }
  const { pid, host, started } = holder;
  if (host !== hostname()) return `process ${String(pid)} on ${host}`;
  // A number is given to another process in time, after a restart of the machine at the latest.
  const same = isAlive(pid) && (started === '' || started === startOf(pid));
  return same ? `process ${String(pid)}` : null;
}

async function readHolder(file: string): Promise<Holder | null> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as Partial<Holder> | null;
    const { pid, host, started } = value ?? {};
    return typeof pid === 'number' && typeof host === 'string' && typeof started === 'string'
      ? { pid, host, started }
      : null;
  } catch {
    return null;
  }
}

/** Boot of the machine and start of the process since: proc_pid_stat(5), field 22. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${boot} ${ticks ?? ''}`;
  } catch {
    return '';
  }
}
