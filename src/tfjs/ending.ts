import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';

/**
 * Name of the file by which a worker thread tells the main thread, where the preload waits for it,
 * that the whole process is to end.
 */
export function exitMarker(runDir: string, thread: number): string {
  return join(runDir, `exit-${process.pid}.${thread}`);
}

/** Ends the process with `code`, also from within a worker thread. */
export function endProcess(runDir: string, code: number): never {
  if (!isMainThread) {
    try {
      writeFileSync(exitMarker(runDir, threadId), String(code));
    } catch {
      // Then only this thread ends, and the script decides what becomes of the process.
    }
  }
  process.exit(code);
}
