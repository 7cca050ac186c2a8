import { spawn } from 'node:child_process';
import { OutputTail } from '../../runs/launch/outputTail';
import { stopTree } from '../../runs/launch/processTree';
import { LineSplitter } from '../../runs/lineSplitter';
import { HOST, nodeProgram } from '../task/nodeProgram';
import type { EngineStatus, InstallLine } from './engineLines';

/** An installation ends what it started, and keeps what it downloaded. */
const INTERRUPT_MILLISECONDS = 5000;
/** How much of what the CLI writes to stderr is kept, in bytes. */
const KEPT_BYTES = 16 * 1024;

export type EngineLine = EngineStatus | InstallLine;

/** How a call of the CLI ended. */
export interface CliEnd {
  /** Null when it could not be started, or a signal ended it. */
  readonly code: number | null;
  /** What it wrote to stderr, the end of it. */
  readonly errors: string;
}

/** `permafrost engine … --json` in a process of its own. */
export class EngineCli {
  /**
   * @param cli absolute path of dist/cli.js
   * @param folder of the project
   */
  constructor(
    private readonly cli: string,
    private readonly folder: string,
  ) {}

  /**
   * Runs `engine` with these arguments; resolves when it has ended.
   * @param onLine gets each line that it prints
   * @param signal interrupts it, and ends it by force when it does not end
   */
  async run(
    args: readonly string[],
    onLine: (line: EngineLine) => void,
    signal?: AbortSignal,
  ): Promise<CliEnd> {
    const { program, env } = nodeProgram(HOST, false);
    const child = spawn(program, [this.cli, 'engine', ...args, '--json'], {
      cwd: this.folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const errors = new OutputTail(KEPT_BYTES);
    errors.follow(child.stderr);
    const splitter = new LineSplitter();
    child.stdout.on('data', (chunk: Buffer) => {
      // Written by the same build of Permafrost.
      for (const line of splitter.push(chunk)) onLine(JSON.parse(line) as EngineLine);
    });
    const stop = (): void => {
      if (child.pid === undefined) return;
      void stopTree(child.pid, { interruptMilliseconds: INTERRUPT_MILLISECONDS });
    };
    signal?.addEventListener('abort', stop, { once: true });
    const code = await new Promise<number | null>((resolve) => {
      child.once('error', () => {
        resolve(null);
      });
      child.once('close', resolve);
    });
    signal?.removeEventListener('abort', stop);
    return { code, errors: errors.text };
  }
}
