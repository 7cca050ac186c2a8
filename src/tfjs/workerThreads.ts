import { createRequire } from 'node:module';
import type * as WorkerThreads from 'node:worker_threads';

/**
 * `node:worker_threads`, loaded when first asked for: that takes 0.8 ms, which every Node process
 * of a run would pay for.
 */
export function workerThreads(): typeof WorkerThreads {
  return createRequire(process.execPath)('node:worker_threads') as typeof WorkerThreads;
}
