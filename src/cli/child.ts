import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { constants } from 'node:os';
import type { CommandLine } from './commandLine';

/** How a command ended. */
export interface Ending {
  /** Exit code; null when a signal ended it or it never started. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started. */
  readonly failure: NodeJS.ErrnoException | null;
}

/** Starts a command; `ended` never rejects. */
export function startCommand(
  command: CommandLine,
  cwd: string,
  env: NodeJS.ProcessEnv,
  stdio: StdioOptions,
): { readonly child: ChildProcess; readonly ended: Promise<Ending> } {
  const child = spawn(command.file, [...command.args], { cwd, env, stdio, shell: command.shell });
  const ended = new Promise<Ending>((resolve) => {
    child.once('error', (failure: NodeJS.ErrnoException) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, failure });
    });
    child.once('close', (code, signal) => {
      resolve({ code, signal, failure: null });
    });
  });
  return { child, ended };
}

/** The exit code that a shell would give: 128 and the signal's number, 127 or 126 for no start. */
export function exitCodeOf({ code, signal, failure }: Ending): number {
  if (failure !== null) return failure.code === 'ENOENT' ? 127 : 126;
  if (signal !== null) return 128 + constants.signals[signal];
  return code ?? 1;
}

/** Why a command did not start, and the way out; null when it did. */
export function startFailure(command: CommandLine, ending: Ending): string | null {
  const { failure, code } = ending;
  const word = command.text.split(/\s/)[0] ?? command.text;
  if (failure?.code === 'ENOENT' || (command.shell && code === 127)) {
    return `error: command not found: ${word}. ${notFoundAdvice(word)}`;
  }
  if (failure !== null) {
    return `error: cannot start ${word} (${failure.code ?? failure.message}). Make it executable, or put its interpreter before it.`;
  }
  return null;
}

function notFoundAdvice(word: string): string {
  if (word === 'python' || word === 'pip') {
    return `Many systems have ${word}3 only: write ${word}3, or the one of your environment, as in .venv/bin/${word}.`;
  }
  return (
    'Check its spelling and that it is on PATH; scripts need their interpreter before them, ' +
    'as in python train.py or node train.js.'
  );
}
