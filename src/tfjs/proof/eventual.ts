/** What is there already, or will be when an accelerator has computed it. */
export interface Eventual<T> {
  /**
   * Waits for it without giving up control.
   * @returns null where only promises can wait for the accelerator
   * @throws when the accelerator failed
   */
  now(): T | null;
  /** Rejects when the accelerator failed. */
  later(): Promise<T>;
}

/** What is there already. */
export function already<T>(value: T): Eventual<T> {
  return { now: () => value, later: () => Promise.resolve(value) };
}

/** What `combine` makes of two, when both are there. */
export function combined<A, B, T>(
  one: Eventual<A>,
  other: Eventual<B>,
  combine: (one: A, other: B) => T,
): Eventual<T> {
  return {
    now: () => {
      const [a, b] = [one.now(), other.now()];
      return a === null || b === null ? null : combine(a, b);
    },
    later: async () => combine(...(await Promise.all([one.later(), other.later()]))),
  };
}
