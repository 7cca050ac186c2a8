import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Job, JobResult } from '../../model/jobs/jobs';
import { runJob } from '../../model/jobs/runJob';

/** Below that a notification would only flicker; in milliseconds. */
const QUIET = 400;

export interface Doing {
  /** What a notification says when it takes long: `Reading weights.pt`. */
  readonly title: string;
  /** Ends the job when it fires: what it is for was closed. */
  readonly token?: vscode.CancellationToken;
}

/**
 * Does a job on checkpoints in a thread of its own; when it takes long a notification tells how far
 * it is and can cancel it.
 * @throws CheckpointError; ConfigProblems; vscode.CancellationError
 */
export async function doJob<J extends Job>(
  job: J,
  extensionUri: vscode.Uri,
  { title, token }: Doing,
): Promise<JobResult<J>> {
  const abort = new AbortController();
  const cancel = (): void => {
    abort.abort(new vscode.CancellationError());
  };
  if (token?.isCancellationRequested === true) cancel();
  const registration = token?.onCancellationRequested(cancel);
  let tell: ((done: number, total: number) => void) | undefined;
  const result = runJob(job, {
    worker: join(extensionUri.fsPath, 'dist', 'checkpoint-worker.cjs'),
    signal: abort.signal,
    progress: (done, total) => tell?.(done, total),
  });
  const timer = setTimeout(() => {
    void vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (progress, cancelled) => {
        cancelled.onCancellationRequested(cancel);
        let told = 0;
        tell = (done, total) => {
          const share = total === 0 ? 0 : (100 * done) / total;
          progress.report({ increment: share - told, message: `${share.toFixed(0)} %` });
          told = share;
        };
        // Whoever asked for the job tells its error.
        await result.then(undefined, () => undefined);
      },
    );
  }, QUIET);
  try {
    return await result;
  } finally {
    clearTimeout(timer);
    registration?.dispose();
  }
}
