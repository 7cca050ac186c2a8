import { open } from 'node:fs/promises';
import { parseEventLine } from '../../runs/events';

/** The last event is short; more than this need not be read. */
const TAIL_BYTES = 4096;

/** What a glance at the end of an events file tells. */
export interface Glance {
  /** Whether its last event says that the run has ended. */
  readonly over: boolean;
  /** Milliseconds since 1970 of the last write. */
  readonly written: number;
}

/** Looks at the end of an events file, however long it is; null when there is none. */
export async function glance(file: string): Promise<Glance | null> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return null;
  try {
    const { size, mtimeMs } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await handle.read(buffer, 0, buffer.length, size - buffer.length);
    const last = buffer.toString('utf8').trimEnd().split('\n').at(-1) ?? '';
    const parsed = parseEventLine(last);
    const over = parsed.kind === 'event' && parsed.event.type === 'run-ended';
    return { over, written: mtimeMs };
  } finally {
    await handle.close();
  }
}
