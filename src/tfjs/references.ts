import { createHash } from 'node:crypto';

/** What a tensor is compared with. */
export type Reference =
  | { readonly kind: 'copy'; readonly bytes: Buffer }
  /** SHA-256 of the bytes, where memory does not allow a copy. */
  | { readonly kind: 'fingerprint'; readonly digest: Buffer }
  | { readonly kind: 'none'; readonly reason: string };

/** Copies are cut from blocks of this size, so that many small tensors cost few allocations. */
const BLOCK = 2 ** 20;

/** Keeps references within a budget of bytes; beyond it, fingerprints. */
export class References {
  private used = 0;
  private block = Buffer.alloc(0);
  private free = 0;

  /** @param budget bytes that copies may take altogether */
  constructor(private readonly budget: number) {}

  /** A reference of `bytes`; an earlier one of the same tensor is overwritten where it lies. */
  take(bytes: Buffer, earlier: Reference | null): Reference {
    if (earlier?.kind === 'copy' && earlier.bytes.length === bytes.length) {
      bytes.copy(earlier.bytes);
      return earlier;
    }
    const room = this.allocate(bytes.length);
    if (room === null) return { kind: 'fingerprint', digest: fingerprint(bytes) };
    bytes.copy(room);
    return { kind: 'copy', bytes: room };
  }

  /** Gives the memory of a reference back to the budget. */
  release(reference: Reference | null): void {
    if (reference?.kind === 'copy') this.used -= reference.bytes.length;
  }

  private allocate(size: number): Buffer | null {
    if (this.used + size > this.budget) return null;
    try {
      if (size > BLOCK / 4) {
        this.used += size;
        return Buffer.allocUnsafeSlow(size);
      }
      const start = Math.ceil(this.free / 8) * 8;
      if (start + size > this.block.length) {
        this.block = Buffer.allocUnsafeSlow(BLOCK);
        this.free = 0;
        return this.allocate(size);
      }
      this.free = start + size;
      this.used += size;
      return this.block.subarray(start, this.free);
    } catch {
      return null;
    }
  }
}

/** SHA-256 of `bytes`. */
export function fingerprint(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** Whether `bytes` are those of the reference. */
export function isEqual(bytes: Buffer, reference: Exclude<Reference, { kind: 'none' }>): boolean {
  return reference.kind === 'copy'
    ? bytes.equals(reference.bytes)
    : fingerprint(bytes).equals(reference.digest);
}
