import { appendFileSync } from 'node:fs';
import type { EventBody } from '../runs/events';
import { warn } from './stderr';

/**
 * Appends events to the run's file, each a whole line in one write, so that what was written
 * before a kill stays readable. When the file cannot be written it says so once on stderr and
 * training goes on without it.
 */
export class EventSink {
  private broken = false;

  constructor(
    private readonly file: string,
    private readonly proc: string,
  ) {}

  /** Appends one event. Never throws. */
  write(body: EventBody): void {
    if (this.broken) return;
    const line = `${JSON.stringify({ v: 1, t: Date.now(), proc: this.proc, ...body })}\n`;
    try {
      appendFileSync(this.file, line);
    } catch (error) {
      this.broken = true;
      warn(
        `cannot write ${this.file} (${(error as Error).message}); training goes on, ` +
          'but this run will not be reported',
      );
    }
  }
}
