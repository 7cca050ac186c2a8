import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { processTable } from './processTable';

const POLL_MILLISECONDS = 50;
/** A process in uninterruptible sleep ends only when its device answers. */
const KILL_MILLISECONDS = 5000;

export interface StopOptions {
  /** How long the tree may take to end by itself after SIGINT; 5000 when not given. */
  readonly interruptMilliseconds?: number;
  /** How long it may take after SIGTERM before it is killed; 3000 when not given. */
  readonly terminateMilliseconds?: number;
}

/**
 * Ends a process and all that it started: SIGINT as Ctrl+C would, so that a script can save, then
 * SIGTERM, then SIGKILL. Returns when nothing of the tree is alive. Windows has no such signals:
 * there the tree is ended by force at once.
 */
export async function stopTree(pid: number, options: StopOptions = {}): Promise<void> {
  const { interruptMilliseconds = 5000 } = options;
  const members = await signalTree([pid], 'SIGINT');
  if (!(await gone(members, interruptMilliseconds))) await endTrees(members, options);
}

/**
 * Ends what is left of trees that have had their SIGINT: by SIGTERM, then by SIGKILL. Returns when
 * nothing of them is alive.
 * @param members process ids, as `signalTree` told them
 */
export async function endTrees(
  members: readonly number[],
  { terminateMilliseconds = 3000 }: StopOptions = {},
): Promise<void> {
  const rest = await signalTree(members, 'SIGTERM');
  if (await gone(rest, terminateMilliseconds)) return;
  await gone(await signalTree(rest, 'SIGKILL'), KILL_MILLISECONDS);
}

/**
 * Sends one signal to each process of the trees below `roots`, the roots included.
 * @returns the process ids of the trees: a child whose parent ends gets another parent, and is
 * found later only when it is remembered
 */
export async function signalTree(
  roots: readonly number[],
  signal: NodeJS.Signals,
): Promise<readonly number[]> {
  if (process.platform === 'win32') {
    await Promise.all(roots.map(killWindowsTree));
    return [];
  }
  const members = await treeOf(roots);
  for (const pid of members) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended in between.
    }
  }
  return members;
}

/** Process ids of the trees below `roots` as they are now, the roots included where they live. */
export async function treeOf(roots: readonly number[]): Promise<readonly number[]> {
  const table = (await processTable()).filter(({ zombie }) => !zombie);
  const tree = new Set(roots);
  // Parents may come after their children in the table.
  for (let size = 0; size !== tree.size;) {
    size = tree.size;
    for (const { pid, parent } of table) if (tree.has(parent)) tree.add(pid);
  }
  const alive = new Set(table.map(({ pid }) => pid));
  return [...tree].filter((pid) => alive.has(pid));
}

/** Waits until nothing of the trees below `members` is alive. @returns false when time is up */
export async function gone(members: readonly number[], milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while ((await treeOf(members)).length > 0) {
    if (Date.now() >= deadline) return false;
    await sleep(POLL_MILLISECONDS);
  }
  return true;
}

async function killWindowsTree(pid: number): Promise<void> {
  try {
    await promisify(execFile)('taskkill', ['/pid', String(pid), '/T', '/F']);
  } catch {
    // It has ended in between.
  }
}
