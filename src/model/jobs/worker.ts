/** The thread that does a job; `runJob` starts it and ends it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Job } from './jobs';
import { failureOf, type Message } from './messages';
import { performJob } from './performJob';

/** Milliseconds between two words of progress. */
const PAUSE = 100;

const tell = (message: Message): void => {
  parentPort?.postMessage(message);
};

try {
  let told = performance.now();
  const value = performJob(workerData as Job, (done, total) => {
    const now = performance.now();
    if (now - told < PAUSE) return;
    told = now;
    tell({ kind: 'progress', done, total });
  });
  tell({ kind: 'result', value });
} catch (error) {
  tell({ kind: 'failure', failure: failureOf(error) });
}
