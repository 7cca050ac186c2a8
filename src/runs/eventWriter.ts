import { open } from 'node:fs/promises';
import { EVENT_VERSION, type EventBody } from './events';

const NEWLINE = 0x0a;

/**
 * Appends one event to an events file, on a line of its own even when a killed process left its
 * last line torn.
 * @param proc who writes: `launcher`, or a process id
 * @throws what the file system throws
 */
export async function appendEvent(file: string, proc: string, body: EventBody): Promise<void> {
  const line = `${JSON.stringify({ v: EVENT_VERSION, t: Date.now(), proc, ...body })}\n`;
  const handle = await open(file, 'a+');
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    const torn = size > 0 && last[0] !== NEWLINE;
    // One write call: O_APPEND then keeps it whole between the lines of other processes.
    await handle.write(torn ? `\n${line}` : line);
  } finally {
    await handle.close();
  }
}
