import type { Account, Budget } from './budget';

/** Rows of bytes beyond the memory budget: a file. */
export interface RowFile {
  /** Appends a row. @returns its number, or null when there is no room */
  append(row: Uint8Array): number | null;
  /** Reads a row into `target`. @returns false when it is not what was written */
  read(row: number, target: Uint8Array): boolean;
}

/** Where a row was put: in memory from 0 up, in the file from -2 down. */
export type Slot = number;
/** Stands for a row that is not there. */
export const NOWHERE: Slot = -1;

/** Rows are kept in blocks of about this many bytes. */
const BLOCK = 2 ** 20;

/** Keeps rows of equal length, in memory as far as the budget goes and in a file beyond it. */
export class RowStore {
  /** How many rows are kept. */
  rows = 0;
  /** Whether there was no room for a row. */
  isFull = false;
  private readonly blocks: Uint8Array[] = [];
  private readonly perBlock: number;
  private readonly account: Account;
  private inMemory = 0;
  private capacity = 0;
  private isMemoryFull = false;
  private readonly scratch: Uint8Array;

  /**
   * @param rowBytes length of every row
   * @param expected how many rows there will be; null when nobody knows
   * @param file where rows are already; null for none
   * @param openFile makes the file when memory is full; null when rows may not go to the disk
   */
  constructor(
    private readonly rowBytes: number,
    expected: number | null,
    budget: Budget,
    private file: RowFile | null,
    private readonly openFile: (() => RowFile | null) | null,
  ) {
    const fitting = Math.max(1, Math.floor(BLOCK / rowBytes));
    this.perBlock = expected === null ? fitting : Math.max(1, Math.min(fitting, expected));
    this.account = budget.open(this);
    this.scratch = new Uint8Array(rowBytes);
  }

  /** Bytes of the rows that are kept. */
  get bytes(): number {
    return this.rows * this.rowBytes;
  }

  get where(): 'memory' | 'disk' {
    return this.file === null ? 'memory' : 'disk';
  }

  /** Counts rows that the file holds from before. */
  adopt(rows: number): void {
    this.rows += rows;
  }

  /** Keeps a copy of `row`. @returns where it is, or `NOWHERE` when there is no room left */
  append(row: Uint8Array): Slot {
    if (this.isFull) return NOWHERE;
    const slot = this.isMemoryFull ? this.appendToFile(row) : this.appendToMemory(row);
    if (slot === NOWHERE) this.isFull = true;
    else this.rows++;
    return slot;
  }

  /** The row at `slot`, valid until the next call; null when the file does not hold it intact. */
  read(slot: Slot): Uint8Array | null {
    if (slot >= 0) {
      const start = (slot % this.perBlock) * this.rowBytes;
      return (
        this.blocks[Math.floor(slot / this.perBlock)]?.subarray(start, start + this.rowBytes) ??
        null
      );
    }
    return this.file?.read(slotInFile(slot), this.scratch) === true ? this.scratch : null;
  }

  /** Gives everything back. */
  dispose(): void {
    this.blocks.length = 0;
    this.account.settle();
    this.file = null;
    this.rows = 0;
  }

  private appendToMemory(row: Uint8Array): Slot {
    const at = this.inMemory % this.perBlock;
    if (this.inMemory >= this.capacity && !this.grow()) {
      this.isMemoryFull = true;
      this.file ??= this.openFile?.() ?? null;
      return this.appendToFile(row);
    }
    this.blocks.at(-1)?.set(row, at * this.rowBytes);
    return this.inMemory++;
  }

  private appendToFile(row: Uint8Array): Slot {
    const number = this.file?.append(row) ?? null;
    return number === null ? NOWHERE : slotInFile(number);
  }

  /** One block more, a shorter one at the end of the budget, after which none comes. */
  private grow(): boolean {
    if (this.capacity % this.perBlock !== 0) return false;
    const rows = this.account.take(this.rowBytes, this.perBlock);
    if (rows === 0) return false;
    try {
      this.blocks.push(new Uint8Array(rows * this.rowBytes));
      this.capacity += rows;
      return true;
    } catch {
      return false;
    }
  }
}

/** The slot of a row of the file, and the row of such a slot. */
export function slotInFile(row: number): Slot {
  return -2 - row;
}
