import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** It has ended, but its parent has not asked for its exit code yet. */
  readonly zombie: boolean;
}

/**
 * The processes of this machine. Linux is read from /proc, since slim containers have no `ps`.
 * @throws what `ps` throws elsewhere
 */
export async function processTable(): Promise<readonly ProcessEntry[]> {
  return process.platform === 'linux' ? readProc() : runPs();
}

async function readProc(): Promise<readonly ProcessEntry[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')),
  );
  return stats.map(parseStat).filter((entry) => entry !== null);
}

/**
 * Reads `/proc/<pid>/stat`: `pid (name) state ppid …`, where the name may hold spaces and
 * parentheses (proc_pid_stat(5)). Null when the process is gone.
 */
export function parseStat(stat: string): ProcessEntry | null {
  const match = /^(\d+) \(.*\) (\S) (\d+) /s.exec(stat);
  if (match === null) return null;
  return { pid: Number(match[1]), parent: Number(match[3]), zombie: match[2] === 'Z' };
}

async function runPs(): Promise<readonly ProcessEntry[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,stat=']);
  return stdout.split('\n').flatMap((line) => {
    const [pid, parent, state] = line.trim().split(/\s+/);
    if (pid === undefined || parent === undefined || pid === '') return [];
    return [{ pid: Number(pid), parent: Number(parent), zombie: state?.startsWith('Z') === true }];
  });
}
