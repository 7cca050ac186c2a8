import { createHash } from 'node:crypto';
import type { Eventual } from './proof/eventual';
import type { TensorflowCopy } from './proof/tensorflowCopy';

/** What a tensor is compared with. */
export type Reference =
  | { readonly kind: 'copy'; readonly bytes: Buffer }
  /** SHA-256 of the bytes, where memory does not allow a copy. */
  | { readonly kind: 'fingerprint'; readonly sample: Buffer; readonly digest: Buffer }
  /** A copy in TensorFlow's own memory. */
  | { readonly kind: 'device-copy'; readonly copy: TensorflowCopy }
  /** The fingerprint that every device computes alike. */
  | { readonly kind: 'device-fingerprint'; readonly digest: Eventual<Buffer> }
  | { readonly kind: 'none'; readonly reason: string };

/** A reference to bytes as the host reads them. */
export type HostReference = Extract<Reference, { kind: 'copy' | 'fingerprint' }>;

/** Copies are cut from blocks of this size, so that many small tensors cost few allocations. */
const BLOCK = 2 ** 20;
/** So many bytes are kept beside a digest: almost every tensor that trains differs in them. */
const SAMPLE = 64;

/** Keeps references within a budget of bytes; beyond it, fingerprints. */
export class References {
  private used = 0;
  private block = Buffer.alloc(0);
  private free = 0;

  /** @param budget bytes that copies may take altogether */
  constructor(private readonly budget: number) {}

  /** A reference of `bytes`; an earlier one of the same tensor is overwritten where it lies. */
  take(bytes: Buffer, earlier: Reference | null): HostReference {
    if (earlier?.kind === 'copy' && earlier.bytes.length === bytes.length) {
      bytes.copy(earlier.bytes);
      return earlier;
    }
    this.release(earlier);
    const room = this.allocate(bytes.length);
    if (room === null) return fingerprint(bytes);
    bytes.copy(room);
    return { kind: 'copy', bytes: room };
  }

  /**
   * A reference in TensorFlow's memory, within the same budget.
   * @param bytes that the copy will take
   * @returns null when the budget has no room for it
   */
  takeOnDevice(bytes: number, make: () => TensorflowCopy): Reference | null {
    if (this.used + bytes > this.budget) return null;
    const copy = make();
    this.used += bytes;
    return { kind: 'device-copy', copy };
  }

  /** Gives the memory of a reference back to the budget. */
  release(reference: Reference | null): void {
    if (reference?.kind === 'copy') this.used -= reference.bytes.length;
    if (reference?.kind !== 'device-copy') return;
    this.used -= reference.copy.bytes;
    reference.copy.release();
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

/** A reference that takes next to no memory. */
export function fingerprint(bytes: Buffer): HostReference {
  const sample = Buffer.from(bytes.subarray(0, SAMPLE));
  return { kind: 'fingerprint', sample, digest: sha256(bytes) };
}

/** Whether `bytes` are those of the reference. */
export function isEqual(bytes: Buffer, reference: HostReference): boolean {
  if (reference.kind === 'copy') return bytes.equals(reference.bytes);
  const { sample, digest } = reference;
  return bytes.subarray(0, SAMPLE).equals(sample) && sha256(bytes).equals(digest);
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
