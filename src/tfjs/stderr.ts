import { writeSync } from 'node:fs';

/** Writes one line to stderr, past whatever the script made of `process.stderr`. Never throws. */
export function warn(text: string): void {
  try {
    writeSync(2, `permafrost: ${text}\n`);
  } catch {
    // A closed or clogged stderr is no reason to disturb the training.
  }
}
