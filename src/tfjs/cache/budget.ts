/** The bytes of memory that features of this process may take altogether. */
export class Budget {
  private used = 0;
  private readonly collected = new FinalizationRegistry<{ bytes: number }>((held) => {
    this.used -= held.bytes;
  });

  /** @param total in bytes */
  constructor(readonly total: number) {}

  /** Bytes that are left. */
  get left(): number {
    return this.total - this.used;
  }

  /** An account of `owner`, which is settled when `owner` is collected. */
  open(owner: object): Account {
    const held = { bytes: 0 };
    this.collected.register(owner, held);
    return {
      take: (bytes, most) => {
        const units = Math.max(0, Math.min(most, Math.floor(this.left / bytes)));
        this.used += units * bytes;
        held.bytes += units * bytes;
        return units;
      },
      settle: () => {
        this.used -= held.bytes;
        held.bytes = 0;
      },
    };
  }
}

export interface Account {
  /** Takes as many units of so many bytes as are left, up to `most`. @returns how many */
  take(bytes: number, most: number): number;
  /** Gives everything back. */
  settle(): void;
}
