import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statfsSync, writeSync } from 'node:fs';
import type { RowFile } from './rowStore';

/** Bytes of the checksum behind each row. */
const CHECKSUM = 16;
/** Space on the disk that is left alone, in bytes, looked at whenever so much more was written. */
const RESERVE = 2 ** 30;
const LOOK = 2 ** 26;

/** Rows in a file, each with a checksum over the key of the file, its number and its bytes. */
export class DiskRows implements RowFile {
  private readonly descriptor: number;
  private readonly record: Buffer;
  private unlooked = LOOK;

  /**
   * @param path of the file, which is made when there is none
   * @param key what the rows belong to
   * @param rows how many it holds
   * @param damaged is told of a row that is not what was written
   * @throws when the file cannot be opened
   */
  constructor(
    private readonly path: string,
    private readonly key: string,
    private readonly rowBytes: number,
    public rows: number,
    private readonly damaged: () => void,
  ) {
    this.descriptor = openSync(path, rows > 0 ? 'r+' : 'w+');
    this.record = Buffer.alloc(rowBytes + CHECKSUM);
  }

  /** Bytes that a file of so many rows has. */
  static size(rows: number, rowBytes: number): number {
    return rows * (rowBytes + CHECKSUM);
  }

  append(row: Uint8Array): number | null {
    const { record, rowBytes, rows } = this;
    if (!this.hasRoom(record.length)) return null;
    record.set(row);
    record.set(this.checksum(rows, row), rowBytes);
    try {
      const written = writeSync(this.descriptor, record, 0, record.length, rows * record.length);
      if (written < record.length) return null;
    } catch {
      return null;
    }
    this.rows++;
    return rows;
  }

  read(row: number, target: Uint8Array): boolean {
    const { record, rowBytes } = this;
    try {
      const read = readSync(this.descriptor, record, 0, record.length, row * record.length);
      const body = record.subarray(0, rowBytes);
      if (read === record.length && this.checksum(row, body).equals(record.subarray(rowBytes))) {
        target.set(body);
        return true;
      }
    } catch {
      // Told below.
    }
    this.damaged();
    return false;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private checksum(number: number, row: Uint8Array): Buffer {
    return createHash('sha256')
      .update(`${this.key} ${number}`)
      .update(row)
      .digest()
      .subarray(0, CHECKSUM);
  }

  private hasRoom(bytes: number): boolean {
    this.unlooked += bytes;
    if (this.unlooked < LOOK) return true;
    this.unlooked = 0;
    try {
      const { bavail, bsize } = statfsSync(this.path);
      return bavail * bsize > RESERVE;
    } catch {
      return true;
    }
  }
}
