import type { Storage } from './checkpoint';
import { CheckpointError } from './checkpointError';

const STEP = 1024 * 1024;

/** Content that becomes what it means by a change to each of its units: byte order, signs. */
export class DecodedStorage implements Storage {
  readonly crc32 = null;
  readonly place = null;

  /**
   * @param unit bytes that are changed together
   * @param change changes whole units in place
   */
  constructor(
    private readonly base: Storage,
    private readonly unit: number,
    private readonly change: (units: Uint8Array) => void,
  ) {}

  get bytes(): number {
    return this.base.bytes;
  }

  readInto(offset: number, target: Uint8Array): void {
    for (let done = 0; done < target.length;) {
      const start = Math.floor((offset + done) / this.unit) * this.unit;
      const end = Math.min(this.bytes, Math.ceil((offset + target.length) / this.unit) * this.unit);
      const units = new Uint8Array(Math.min(STEP * this.unit, end - start));
      this.base.readInto(start, units);
      this.change(units);
      const part = units.subarray(offset + done - start, offset + target.length - start);
      target.set(part, done);
      done += part.length;
    }
  }
}

/** A tensor's place in a file that holds no values for it: comparing it says so. */
export class AbsentStorage implements Storage {
  readonly crc32 = null;
  readonly place = null;

  constructor(
    private readonly file: string,
    readonly bytes: number,
    private readonly reason: string,
  ) {}

  readInto(): void {
    throw new CheckpointError(this.file, null, this.reason);
  }
}
