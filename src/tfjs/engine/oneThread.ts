import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';

let claimed = false;

/**
 * Takes libtensorflow for this thread, until it ends. The addon of tfjs-node keeps one backend for
 * all threads of a process (`gBackend` in its tfjs_backend.cc) and dies of a segmentation fault, or
 * waits for ever, when two compute with it at once.
 * @returns whether this thread has it; false while another one of this process does
 */
export function claimLibrary(): boolean {
  const runDir = process.env['PERMAFROST_RUN_DIR'];
  if (claimed || runDir === undefined) return true;
  const marker = join(runDir, `library-${process.pid}`);
  try {
    closeSync(openSync(marker, 'wx'));
  } catch (error) {
    // A folder that cannot be written to is no reason to do without.
    return (error as NodeJS.ErrnoException).code !== 'EEXIST';
  }
  claimed = true;
  process.once('exit', () => {
    rmSync(marker, { force: true });
  });
  return true;
}
