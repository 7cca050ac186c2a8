import { readdirSync, readFileSync } from 'node:fs';

/** Environment variable by which everything started in a test's server can be found again. */
export const MARK = 'PERMAFROST_WORKBENCH';

/** Ids of the living processes that inherited the mark of the server in `directory`. */
export function markedProcesses(directory: string): readonly number[] {
  return processes().filter((pid) => environ(pid).includes(`${MARK}=${directory}`));
}

/** Ids of the living processes whose command line contains `part` and that run in `directory`. */
export function processesOf(directory: string, part: string): readonly number[] {
  return markedProcesses(directory).filter((pid) => commandLine(pid).includes(part));
}

function processes(): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid);
}

function environ(pid: number): readonly string[] {
  return read(`/proc/${pid}/environ`).split('\0');
}

function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it ended meanwhile
  }
}
