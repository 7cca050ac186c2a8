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
      take: (bytes) => {
        if (bytes > this.left) return false;
        this.used += bytes;
        held.bytes += bytes;
        return true;
      },
      settle: () => {
        this.used -= held.bytes;
        held.bytes = 0;
      },
    };
  }
}

export interface Account {
  /** Takes so many bytes if they are left. */
  take(bytes: number): boolean;
  /** Gives everything back. */
  settle(): void;
}
