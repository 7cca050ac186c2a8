import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { OutputTail } from '../../runs/launch/outputTail';
import { endTrees } from '../../runs/launch/processTree';
import { EngineError } from './report';

/** How much of what a program prints is kept to say why it failed. */
const TAIL_BYTES = 1 << 14;

export interface ExecuteOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Told each line of stdout. */
  readonly onLine?: (line: string) => void;
  /** Whether a shell runs it; false when not given. */
  readonly shell?: boolean;
}

export interface Execution {
  /** Exit code; null when a signal ended it or it never started. */
  readonly code: number | null;
  /** The end of what it printed, stdout and stderr together; why it did not start otherwise. */
  readonly output: string;
}

/**
 * Runs a program to its end.
 * @throws EngineError when it is cancelled, once the program and all that it started have ended
 */
export async function execute(
  file: string,
  args: readonly string[],
  { cwd, env, signal, onLine, shell = false }: ExecuteOptions,
): Promise<Execution> {
  throwIfCancelled(signal);
  const child = spawn(file, [...args], { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
  const tail = new OutputTail(TAIL_BYTES);
  tail.follow(child.stdout, child.stderr);
  if (onLine !== undefined) createInterface({ input: child.stdout }).on('line', onLine);
  let ending: Promise<void> = Promise.resolve();
  const cancel = (): void => {
    ending = endTrees(child.pid === undefined ? [] : [child.pid]);
  };
  signal.addEventListener('abort', cancel, { once: true });
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      tail.push(Buffer.from(error.message));
      if (child.pid === undefined) resolve(null);
    });
    child.once('close', resolve);
  });
  signal.removeEventListener('abort', cancel);
  await ending;
  throwIfCancelled(signal);
  return { code, output: tail.text.trim() };
}

/** @throws EngineError when the installation was cancelled */
export function throwIfCancelled(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new EngineError(
    'cancelled',
    'The installation was cancelled.',
    'Start it again: what was downloaded is kept, and the download goes on where it stopped.',
  );
}

/** The last lines of an output, for a message. */
export function lastLines(output: string, count = 4): string {
  return output.split('\n').slice(-count).join('\n');
}

/** Whether a program's output tells that the disk is full: strerror(3) of ENOSPC and EDQUOT. */
export function tellsOfFullDisk(output: string): boolean {
  return /ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/i.test(output);
}

/** The way out of a folder that cannot hold an engine, as the end of a sentence. */
export const ELSEWHERE =
  'install elsewhere: with --here into the project, else into the cache of the user (XDG_CACHE_HOME).';

/** What is said of a disk that is full. */
export function fullDisk(folder: string, cause?: unknown): EngineError {
  return new EngineError(
    'no-space',
    `The disk that holds ${folder} is full.`,
    `Free some space, or ${ELSEWHERE} What was downloaded is kept.`,
    { cause },
  );
}
