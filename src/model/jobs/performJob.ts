import { compareCheckpoints, type OpenedCheckpoint } from '../compare/compare';
import { listingOf } from '../checkpoint/listing';
import type { CompareJob, Job, JobResult, ListJob } from './jobs';
import { openJobFile } from './openJobFile';

/** Told what is done, in bytes that had to be compared. */
export type Progress = (done: number, total: number) => void;

/**
 * Does a job in this thread.
 * @throws CheckpointError; ConfigProblems
 */
export function performJob<J extends Job>(job: J, progress?: Progress): JobResult<J>;
export function performJob(job: Job, progress: Progress = () => undefined): JobResult<Job> {
  return job.kind === 'list' ? list(job) : compare(job, progress);
}

function list({ file }: ListJob): JobResult<ListJob> {
  const checkpoint = openJobFile(file);
  try {
    return listingOf(checkpoint, file.name);
  } finally {
    checkpoint.close();
  }
}

function compare(job: CompareJob, progress: Progress): JobResult<CompareJob> {
  const { files, config, inspection, exact } = job;
  const opened: OpenedCheckpoint[] = [];
  try {
    for (const file of files) opened.push({ path: file.name, checkpoint: openJobFile(file) });
    return compareCheckpoints(opened, { config, inspection, exact, progress });
  } finally {
    for (const { checkpoint } of opened) checkpoint.close();
  }
}
