import { compareBytes, type Delta } from '../compareBytes';
import { fingerprint, isEqual, type Reference, type References } from '../references';
import { readBytes, readBytesAsync, type TensorBytes } from '../tensorBytes';
import type { TfVariable } from '../tfjsTypes';
import { ticksOf } from '../webgpu/start';
import { already, combined, type Eventual } from './eventual';
import { placeOf, withHandle, type Place } from './place';
import { TYPES } from './rawOps';
import { digestOf, hashRows, makeWeights, wordsOf, type Weights } from './rowHash';
import { TensorflowCopy } from './tensorflowCopy';
import { hashOnTensorflow, isHashable } from './tensorflowHash';
import { hashOnWebgpu } from './webgpuHash';

/**
 * Where fingerprints are computed. `auto`: on accelerators where the tensor lies, else from its
 * bytes. `device` and `host` force one of both wherever it is possible.
 */
export type FingerprintMode = 'auto' | 'device' | 'host';

/** How a tensor compares with its reference. */
export type Comparison = Compared | { readonly kind: 'unknown'; readonly reason: string };

export interface Compared {
  readonly kind: 'equal' | 'different';
  /** With a kept copy, or by a fingerprint. */
  readonly method: 'bytes' | 'fingerprint';
  /** Whether a device fingerprinted it, without its being read back. */
  readonly onDevice: boolean;
  /** Bytes looked at. */
  readonly bytes: number;
  /** Elements that differ, and by how much at most; null when only a fingerprint was kept. */
  readonly elements: number | null;
  readonly maxDelta: Delta | null;
}

/** Tensors of fewer bytes are read faster than TensorFlow is asked about them. */
const LARGE = 2 ** 19;

const WAITS = 'the backend did not hand out its bytes: WebGPU can only be asked by waiting for it';

/** Takes references of tensors and compares them, where the tensors lie when that pays. */
export class Proofs {
  private weights: Weights | null = null;

  /** @param engine tfjs-core's */
  constructor(
    private readonly references: References,
    private readonly mode: FingerprintMode,
    private readonly engine: () => unknown,
  ) {}

  /**
   * A reference of the bytes that the tensor has now, in place of an `earlier` one. Never throws.
   * One on a WebGPU device comes later, but of these bytes.
   */
  take(variable: TfVariable, earlier: Reference | null): Reference {
    return this.takeOnDevice(variable, earlier) ?? this.ofBytes(readBytes(variable), earlier);
  }

  /** As `take`, without blocking on an accelerator. Never rejects. */
  async takeAsync(variable: TfVariable, earlier: Reference | null): Promise<Reference> {
    const onDevice = this.takeOnDevice(variable, earlier);
    return onDevice ?? this.ofBytes(await readBytesAsync(variable), earlier);
  }

  /** As `take`, but it keeps next to nothing in memory. */
  fingerprint(variable: TfVariable): Reference {
    const onDevice = attempt(() => this.fingerprintAt(this.placeOf(variable)));
    if (onDevice !== null) return onDevice;
    const now = readBytes(variable);
    return now.kind === 'bytes' ? fingerprint(now.bytes) : { kind: 'none', reason: now.reason };
  }

  /** Whether the tensor can only be compared by waiting for an accelerator. */
  mustWait(variable: TfVariable): boolean {
    const place = this.placeOf(variable);
    return (
      this.mode !== 'host' && place.kind === 'webgpu' && ticksOf(place.backend.device) === null
    );
  }

  /** Gives back the memory of a reference. */
  release(reference: Reference): void {
    this.references.release(reference);
  }

  /** Compares the tensor with its reference. Never throws. */
  compare(variable: TfVariable, reference: Reference): Comparison {
    if (this.mustWait(variable)) return { kind: 'unknown', reason: WAITS };
    try {
      const onDevice = this.compareOnDevice(variable, reference);
      const result = onDevice ?? this.compareBytes(readBytes(variable), reference, variable.dtype);
      return result.now() ?? { kind: 'unknown', reason: WAITS };
    } catch (error) {
      return failed(error);
    }
  }

  /**
   * As `compare`, without blocking on an accelerator, for the bytes that it has at the time of the
   * call where an accelerator is asked; others are read when the result is asked for.
   * @returns what gets the result; it never rejects
   */
  compareLater(variable: TfVariable, reference: Reference): () => Promise<Comparison> {
    const isSlow = this.placeOf(variable).kind === 'webgpu';
    const started = isSlow ? this.compareOnDevice(variable, reference) : null;
    return async () => {
      try {
        const onDevice = started ?? this.compareOnDevice(variable, reference);
        if (onDevice !== null) return await onDevice.later();
        const now = await readBytesAsync(variable);
        return await this.compareBytes(now, reference, variable.dtype).later();
      } catch (error) {
        return failed(error);
      }
    };
  }

  private placeOf(variable: TfVariable): Place {
    return attempt(() => placeOf(this.engine(), variable)) ?? { kind: 'host' };
  }

  private takeOnDevice(variable: TfVariable, earlier: Reference | null): Reference | null {
    return attempt(() => {
      const place = this.placeOf(variable);
      const taken = this.fingerprintAt(place) ?? this.copyAt(place);
      if (taken !== null) this.references.release(earlier);
      return taken;
    });
  }

  private fingerprintAt(place: Place): Reference | null {
    const digest = this.digestAt(place);
    return digest === null ? null : { kind: 'device-fingerprint', digest };
  }

  /** @returns null where the bytes are to be read; @throws when the device fails */
  private digestAt(place: Place): Eventual<Buffer> | null {
    if (place.kind === 'host' || this.mode === 'host') return null;
    this.weights ??= makeWeights();
    const { weights } = this;
    if (place.kind === 'webgpu') {
      const { backend, source, words } = place;
      const ticks = ticksOf(backend.device);
      const settle = ticks === null ? null : <T>(promise: Promise<T>): T => ticks.settle(promise);
      return hashOnWebgpu(backend, source, words, weights, settle);
    }
    const { binding, accelerated, dtype, elements } = place;
    // With CUDA, TensorFlow keeps int32 in the host's memory.
    const there = this.mode === 'device' || (accelerated && dtype !== TYPES.int32);
    if (!there || !isHashable(dtype)) return null;
    return already(
      withHandle(place, (id) => hashOnTensorflow(binding, id, dtype, elements, weights)),
    );
  }

  /** Without an accelerator, reading costs a copy: large tensors are compared by TensorFlow. */
  private copyAt(place: Place): Reference | null {
    if (place.kind !== 'tensorflow' || place.accelerated || this.mode !== 'auto') return null;
    const { dtype, elements } = place;
    const bytes = 4 * elements;
    if (bytes < LARGE || (dtype !== TYPES.float32 && dtype !== TYPES.int32)) return null;
    return this.references.takeOnDevice(bytes, () => TensorflowCopy.of(place));
  }

  private ofBytes(now: TensorBytes, earlier: Reference | null): Reference {
    if (now.kind === 'bytes') return this.references.take(now.bytes, earlier);
    this.references.release(earlier);
    return { kind: 'none', reason: now.reason };
  }

  /** @returns null when the bytes are needed */
  private compareOnDevice(variable: TfVariable, reference: Reference): Eventual<Compared> | null {
    if (reference.kind !== 'device-fingerprint' && reference.kind !== 'device-copy') return null;
    return attempt(() => {
      const place = this.placeOf(variable);
      const bytes = 4 * variable.size * (variable.dtype === 'complex64' ? 2 : 1);
      if (reference.kind === 'device-copy') {
        const isThere = place.kind === 'tensorflow' && reference.copy.equals(place);
        return isThere ? already(verdict(true, 'bytes', bytes)) : null;
      }
      const digest = this.digestAt(place);
      return digest === null
        ? null
        : combined(digest, reference.digest, (now, then) => ({
            ...verdict(now.equals(then), 'fingerprint', bytes),
            onDevice: true,
          }));
    });
  }

  private compareBytes(
    now: TensorBytes,
    reference: Reference,
    dtype: string,
  ): Eventual<Comparison> {
    if (reference.kind === 'none') return already({ kind: 'unknown', reason: reference.reason });
    if (now.kind === 'unreadable') return already({ kind: 'unknown', reason: now.reason });
    const { bytes } = now;
    const { length } = bytes;
    if (reference.kind === 'device-fingerprint') {
      return combined(already(this.digestOfBytes(bytes, dtype)), reference.digest, (a, b) =>
        verdict(a.equals(b), 'fingerprint', length),
      );
    }
    if (reference.kind === 'fingerprint') {
      return already(verdict(isEqual(bytes, reference), 'fingerprint', length));
    }
    const then = reference.kind === 'copy' ? reference.bytes : reference.copy.read();
    const compared = verdict(bytes.equals(then), 'bytes', length);
    if (compared.kind === 'equal' || length !== then.length) return already(compared);
    return already({ ...compared, ...compareBytes(bytes, then, dtype) });
  }

  private digestOfBytes(bytes: Buffer, dtype: string): Buffer {
    const words = wordsOf(bytes, dtype);
    return digestOf(hashRows(words, (this.weights ??= makeWeights())), words.length);
  }
}

function verdict(equal: boolean, method: Compared['method'], bytes: number): Compared {
  const kind = equal ? 'equal' : 'different';
  return { kind, method, bytes, onDevice: false, elements: null, maxDelta: null };
}

/** A device that fails is passed over: then the bytes are read. */
function attempt<T>(body: () => T | null): T | null {
  try {
    return body();
  } catch {
    return null;
  }
}

function failed(error: unknown): Comparison {
  // Dawn rejects with an error that has a name only, once its device is lost.
  const reason = error instanceof Error ? error.message || error.name : String(error);
  return { kind: 'unknown', reason: `the device gave no fingerprint: ${reason}` };
}
