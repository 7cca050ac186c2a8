import { readFileSync } from 'node:fs';
import { parseStat } from './processTable';

/**
 * Whether a process with this id runs on this machine. A process of another user counts as alive
 * (EPERM from signal 0: kill(2)); one that has ended and was not waited for does not.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return process.platform !== 'linux' || !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    return parseStat(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'))?.zombie === true;
  } catch {
    return false;
  }
}
