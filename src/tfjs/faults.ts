import type { EventSink } from './eventSink';

/**
 * Keeps faults of the hook away from the training: what a hook body throws ends here, is told
 * once per place, and makes the epoch "not verified". The script's own code never runs inside.
 */
export class Faults {
  /** How many faults there were; an epoch in which it grew cannot be called intact. */
  count = 0;
  /** The latest fault in one sentence. */
  latest = '';
  private readonly told = new Set<string>();

  constructor(private readonly sink: EventSink) {}

  /** Runs a hook body. @returns what it returns, or `otherwise` when it throws */
  guard<T>(place: string, body: () => T, otherwise: T): T {
    try {
      return body();
    } catch (error) {
      this.record(place, error);
      return otherwise;
    }
  }

  /** As `guard`, for a body that returns nothing. */
  run(place: string, body: () => void): void {
    this.guard(place, body, undefined);
  }

  /** As `guard`, for a body that awaits. Never rejects. */
  async guardAsync(place: string, body: () => Promise<void>): Promise<void> {
    try {
      await body();
    } catch (error) {
      this.record(place, error);
    }
  }

  /** Keeps in mind something outside the hook that makes the epoch "not verified". */
  foreign(reason: string): void {
    this.count++;
    this.latest = reason;
  }

  private record(place: string, error: unknown): void {
    // Dawn's errors may have a name only.
    const reason = error instanceof Error ? error.message || error.name : String(error);
    this.count++;
    this.latest = `hook fault in ${place}: ${reason}`;
    if (this.told.has(place)) return;
    this.told.add(place);
    this.sink.write({
      type: 'message',
      level: 'error',
      code: 'hook-fault',
      text: `Permafrost failed in ${place}: ${reason}. Training goes on; the epoch is not verified`,
      advice: 'Please report this with the script and the versions of Node and TensorFlow.js.',
    });
  }
}
