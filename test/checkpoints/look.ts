// Looks at checkpoint files in a process of its own, so that its memory and time can be measured
// and limited: `look.ts FILE…` prints a `Look` for each as a line of JSON.
import { listingOf } from '../../src/model/checkpoint/listing';
import { openCheckpointFile } from '../../src/model/checkpoint/openFile';
import { CheckpointError } from '../../src/model/checkpoint/checkpointError';
import type { Look } from './looks';
import { touchBytes } from './touchBytes';

for (const path of process.argv.slice(2)) {
  const started = performance.now();
  const outcome = look(path);
  const milliseconds = performance.now() - started;
  // Kilobytes on Linux.
  const memory = process.resourceUsage().maxRSS * 1024;
  const line: Look = { path, milliseconds, memory, ...outcome };
  console.log(JSON.stringify(line));
}

function look(path: string): Pick<Look, 'listing' | 'error' | 'crash'> {
  try {
    const checkpoint = openCheckpointFile(path);
    try {
      const listing = listingOf(checkpoint, path);
      const unreadable = touchBytes(checkpoint);
      return { listing, error: unreadable[0] ?? null, crash: null };
    } finally {
      checkpoint.close();
    }
  } catch (error) {
    if (!(error instanceof CheckpointError)) {
      return { listing: null, error: null, crash: String((error as Error).stack) };
    }
    const { file, offset, reason } = error;
    return { listing: null, error: { file, offset, reason }, crash: null };
  }
}
