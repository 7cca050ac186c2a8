import { join } from 'node:path';
import type { Job, JobResult } from '../../model/jobs/jobs';
import { runJob } from '../../model/jobs/runJob';
import { formatBytes, percent } from '../../runs/words/units';
import { distDirectory } from '../version';

/** Below that a progress would only flicker; in milliseconds. */
const QUIET = 500;
const EVERY = 100;

/**
 * Does a job in a worker thread, which has a limit of memory: a hostile file ends the worker, not
 * this process. A terminal is told how far it is.
 * @throws CheckpointError; ConfigProblems
 */
export async function work<J extends Job>(job: J): Promise<JobResult<J>> {
  const progress = process.stderr.isTTY ? new Progress() : null;
  try {
    return await runJob(job, {
      worker: join(distDirectory(), 'checkpoint-worker.cjs'),
      ...(progress !== null && { progress: progress.tell }),
    });
  } finally {
    progress?.clear();
  }
}

class Progress {
  #next = performance.now() + QUIET;
  #shown = false;

  /** In bytes. */
  readonly tell = (done: number, total: number): void => {
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + EVERY;
    this.#shown = true;
    const share = `${formatBytes(done)} of ${formatBytes(total)} (${percent(done, total)})`;
    process.stderr.write(`\r\u001b[Kpermafrost: comparing, ${share}`);
  };

  clear(): void {
    if (this.#shown) process.stderr.write('\r\u001b[K');
  }
}
