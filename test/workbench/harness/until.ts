import { setTimeout as sleep } from 'node:timers/promises';

/** What every wait of the harness is bounded by unless told otherwise, in milliseconds. */
export const PATIENCE = 30_000;

/**
 * Reads until `accept` holds and returns what was read. Throws after `patience` milliseconds with
 * the last value or error, so that a failing test says what it saw.
 */
export async function until<T>(
  what: string,
  read: () => T | Promise<T>,
  accept: (value: T) => boolean,
  patience = PATIENCE,
): Promise<T> {
  const deadline = Date.now() + patience;
  let last: string;
  do {
    try {
      const value = await within(`reading ${what}`, read(), Math.max(1_000, deadline - Date.now()));
      if (accept(value)) return value;
      last = JSON.stringify(value, null, 1);
    } catch (error) {
      last = String(error);
    }
    await sleep(100);
  } while (Date.now() < deadline);
  throw new Error(`waited ${patience} ms for ${what}; last seen: ${last}`);
}

/** Rejects when `work` has not settled after `patience` milliseconds; page code has no time-out. */
export async function within<T>(
  what: string,
  work: T | Promise<T>,
  patience = PATIENCE,
): Promise<T> {
  const timer = new AbortController();
  const late = sleep(patience, undefined, { signal: timer.signal, ref: false }).then(() => {
    throw new Error(`${what}: no answer in ${patience} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}
