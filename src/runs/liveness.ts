/**
 * Whether a process with this id runs on this machine. A process of another user counts as alive
 * (EPERM from signal 0: kill(2)).
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
