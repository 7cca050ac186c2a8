import { spawn } from 'node:child_process';
import type { EngineFailure, InstallReport } from '../../engines/install/report';
import type { MachineStatus } from '../../engines/status';
import { OutputTail } from '../../runs/launch/outputTail';
import { stopTree } from '../../runs/launch/processTree';
import { LineSplitter } from '../../runs/lineSplitter';
import { HOST, nodeProgram } from '../task/nodeProgram';

/** An installation ends what it started, and keeps what it downloaded. */
const INTERRUPT_MILLISECONDS = 5000;
/** How much of what the CLI writes to stderr is kept, in bytes. */
const KEPT_BYTES = 16 * 1024;

/** What was installed. */
export interface InstallDone {
  readonly type: 'done';
  readonly folder: string;
  /** `TensorFlow 2.21.0`. */
  readonly library: string;
  /** What it computed on when it was tried. */
  readonly device: string;
}

/** Why nothing was installed. */
export interface InstallError {
  readonly type: 'error';
  readonly code: EngineFailure;
  readonly text: string;
  /** The way out, as a sentence. */
  readonly advice: string;
}

/** A line of `engine install --json`. */
export type InstallLine = InstallReport | InstallDone | InstallError;

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
   * What is installed and what this machine can have.
   * @throws Error when the CLI cannot tell
   */
  async status(): Promise<MachineStatus> {
    let status: MachineStatus | undefined;
    const { errors } = await this.#run(['status'], (line) => {
      // Written by the same build of Permafrost.
      status = JSON.parse(line) as MachineStatus;
    });
    if (status === undefined) throw new Error(errors.trim() || 'The command line did not answer.');
    return status;
  }

  /**
   * Runs `engine install` with these further arguments; resolves when it has ended.
   * @param onLine gets each line that it prints
   * @param signal interrupts it, and ends it by force when it does not end
   */
  async install(
    args: readonly string[],
    onLine: (line: InstallLine) => void,
    signal?: AbortSignal,
  ): Promise<CliEnd> {
    const read = (line: string): void => {
      onLine(JSON.parse(line) as InstallLine);
    };
    return this.#run(['install', ...args], read, signal);
  }

  async #run(
    args: readonly string[],
    onLine: (line: string) => void,
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
      for (const line of splitter.push(chunk)) onLine(line);
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
