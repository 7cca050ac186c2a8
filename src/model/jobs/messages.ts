/** What a worker thread tells the thread that started it. */
import { CheckpointError } from '../checkpoint/checkpointError';
import { ConfigProblems } from '../compare/configProblems';
import type { Job, JobResult } from './jobs';

/** An error by its fields: classes do not pass between threads. */
export type Failure =
  | {
      readonly kind: 'checkpoint';
      readonly file: string;
      readonly offset: number | null;
      readonly reason: string;
    }
  | {
      readonly kind: 'config';
      readonly file: string;
      readonly problems: ConfigProblems['problems'];
    }
  | { readonly kind: 'other'; readonly text: string };

export type Message =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'result'; readonly value: JobResult<Job> }
  | { readonly kind: 'failure'; readonly failure: Failure };

export function failureOf(error: unknown): Failure {
  if (error instanceof CheckpointError) {
    const { file, offset, reason } = error;
    return { kind: 'checkpoint', file, offset, reason };
  }
  if (error instanceof ConfigProblems) {
    return { kind: 'config', file: error.file, problems: error.problems };
  }
  return { kind: 'other', text: error instanceof Error ? error.message : String(error) };
}

/** @param file that the job was about, for errors that do not tell */
export function errorOf(failure: Failure, file: string): CheckpointError | ConfigProblems {
  switch (failure.kind) {
    case 'checkpoint':
      return new CheckpointError(failure.file, failure.offset, failure.reason);
    case 'config':
      return new ConfigProblems(failure.file, failure.problems);
    case 'other':
      return new CheckpointError(file, null, `reading it failed: ${failure.text}`);
  }
}
