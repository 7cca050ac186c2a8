import { Worker } from 'node:worker_threads';
import { CheckpointError } from '../checkpoint/checkpointError';
import type { Job, JobResult } from './jobs';
import { errorOf, type Message } from './messages';

/**
 * Megabytes of JavaScript objects that a job may hold: more than names and verdicts of a million
 * tensors take.
 */
const MEMORY = 1024;

export interface JobOptions {
  /** Path of `dist/checkpoint-worker.cjs`. */
  readonly worker: string;
  /** Ends the thread when aborted; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told at most ten times a second what is done, in bytes that have to be compared. */
  readonly progress?: ((done: number, total: number) => void) | undefined;
  /** Megabytes of JavaScript objects that the thread may hold. Default: 1024. */
  readonly memory?: number | undefined;
}

/**
 * Does a job in a thread of its own, which cannot take this one down. Bytes in the job are copied.
 * @throws CheckpointError also for a thread that ends or runs out of memory; ConfigProblems
 */
export function runJob<J extends Job>(job: J, options: JobOptions): Promise<JobResult<J>> {
  const { worker: path, signal, progress, memory = MEMORY } = options;
  const file = nameOf(job);
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const worker = new Worker(path, {
      workerData: job,
      // Nothing of this process's own options: a debugger or a preload would join in.
      ...{ execArgv: [], env: {} },
      resourceLimits: { maxOldGenerationSizeMb: memory },
    });
    const abort = (): void => {
      settle(() => {
        reject(signal?.reason as Error);
      });
    };
    const settle = (outcome: () => void): void => {
      signal?.removeEventListener('abort', abort);
      worker.removeAllListeners();
      // An error of a thread that is being ended concerns nobody, and must not go unheard either.
      worker.on('error', () => undefined);
      void worker.terminate();
      outcome();
    };
    const fail = (error: Error): void => {
      settle(() => {
        reject(error);
      });
    };
    signal?.addEventListener('abort', abort);
    worker.on('message', (message: Message) => {
      if (message.kind === 'progress') progress?.(message.done, message.total);
      else if (message.kind === 'failure') fail(errorOf(message.failure, file));
      else {
        settle(() => {
          resolve(message.value as JobResult<J>);
        });
      }
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      fail(new CheckpointError(file, null, whyEnded(error, memory)));
    });
    worker.on('exit', (code) => {
      const what = `the thread that read it ended with code ${code} and said nothing.`;
      fail(new CheckpointError(file, null, what));
    });
  });
}

const nameOf = (job: Job): string =>
  job.kind === 'list' ? job.file.name : job.files.map(({ name }) => name).join(', ');

function whyEnded({ code, message }: NodeJS.ErrnoException, memory: number): string {
  return code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? `reading it takes more than the ${memory} MB of memory that Permafrost gives it: it is damaged, or made to fill memory.`
    : `the thread that read it failed: ${message}`;
}
