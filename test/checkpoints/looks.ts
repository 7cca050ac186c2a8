import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CheckpointError } from '../../src/model/checkpoint/checkpointError';
import type { CheckpointListing } from '../../src/model/checkpoint/listing';

/** What became of a file that was opened, listed and of which some bytes were read. */
export interface Look {
  readonly path: string;
  readonly milliseconds: number;
  /** The most bytes that the process has used so far. */
  readonly memory: number;
  readonly listing: CheckpointListing | null;
  readonly error: Pick<CheckpointError, 'file' | 'offset' | 'reason'> | null;
  /** What no reader may throw. */
  readonly crash: string | null;
}

/** Megabytes of JavaScript's own heap. */
const HEAP = 192;
const LIMIT_MILLISECONDS = 60_000;
const TSX = createRequire(import.meta.url).resolve('tsx');

/**
 * Looks at files in a process with little memory; rejects when it dies, or takes too long.
 * @param cwd folder that the files lie in
 */
export async function lookAt(
  cwd: string,
  paths: readonly string[],
  limit = LIMIT_MILLISECONDS,
): Promise<readonly Look[]> {
  const program = fileURLToPath(new URL('look.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [`--max-old-space-size=${HEAP}`, '--import', TSX, program, ...paths],
    { cwd, timeout: limit, killSignal: 'SIGKILL', maxBuffer: 1 << 28 },
  );
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Look);
}
