import type { Storage } from '../checkpoint';
import { CheckpointError } from '../checkpointError';
import { DecodedStorage } from '../decodedStorage';
import { bitsOf, type Dtype } from '../dtypes';
import { swapped } from '../swappedStorage';
import { asCount, asSequence, Foreign, type Value } from './pickle/value';

/** A storage that the pickle refers to. */
export class StorageValue extends Foreign {
  readonly foreign = 'storage';

  constructor(
    readonly storage: Storage,
    /** Of the class that it is saved as; a tensor of a newer type names its own. */
    readonly dtype: Dtype,
    /** Bytes from the start of `storage`; only views of the legacy format have some. */
    readonly start: number,
    /** Bytes that it has from there. */
    readonly bytes: number,
  ) {
    super();
  }
}

/** A tensor as the pickle describes it. */
export class TensorValue extends Foreign {
  readonly foreign = 'tensor';

  constructor(
    readonly dtype: Dtype,
    readonly shape: readonly number[],
    readonly strides: readonly number[] | null,
    readonly storage: Storage,
    /** Bytes. */
    readonly offset: number,
    /** What belongs to its values besides: scale and zero point of a quantized tensor. */
    readonly parts: readonly (readonly [name: string, tensor: TensorValue])[] = [],
  ) {
    super();
  }
}

/** A storage of a class that is unknown here: how long its elements are cannot be told. */
export class UnknownStorage extends Foreign {
  readonly foreign = 'unknown storage';

  constructor(readonly type: string) {
    super();
  }
}

/** A tensor whose element type is unknown here. It has a name, so that it can be told. */
export class UnknownTensor extends Foreign {
  readonly foreign = 'unknown tensor';

  constructor(
    readonly type: string,
    readonly shape: readonly number[],
  ) {
    super();
  }
}

/** torch itself allows 64 dimensions. */
const MOST_DIMENSIONS = 64;
/** Elements of all views of a file that lie upon each other (`expand`): they take time, not bytes. */
const MOST_OVERLAPPING = 2 ** 26;

/** Makes tensors out of storages, refusing views that do not fit. */
export class TensorMaker {
  #overlapping = 0;
  readonly #decoded = new Map<Storage, Map<string, Storage>>();

  constructor(
    private readonly file: string,
    private readonly bigEndian: boolean,
  ) {}

  /**
   * @param offset elements
   * @throws CheckpointError at `place`
   */
  make(
    storage: Value | undefined,
    dtype: Dtype | null,
    [offset, size, stride]: readonly (Value | undefined)[],
    place: number,
    bits: Bits = NO_BITS,
  ): TensorValue {
    const shape = counts(size);
    const steps = counts(stride);
    const first = asCount(offset);
    const fault = (what: string): CheckpointError =>
      new CheckpointError(this.file, place, `a tensor in it ${what}: the file is damaged.`);
    if (!(storage instanceof StorageValue)) throw fault('has no storage');
    if (shape === null || steps?.length !== shape.length || first === null) {
      throw fault('has a shape or strides that are none');
    }
    const type = dtype ?? storage.dtype;
    const unit = bitsOf(type);
    const last = lastElement(first, shape, steps);
    if (last !== null && (last + 1) * unit > storage.bytes * 8) {
      throw fault('reaches beyond its storage');
    }
    const elements = shape.reduce((product, each) => product * each, 1);
    const held = Math.floor((storage.bytes * 8) / unit);
    this.#overlapping += Math.max(0, elements - held);
    if (!Number.isSafeInteger(elements) || this.#overlapping > MOST_OVERLAPPING) {
      throw fault('has more elements than its storage by far');
    }
    const start = storage.start + (first * unit) / 8;
    if (!Number.isInteger(start)) throw fault('begins within a byte');
    const base = this.#decode(storage.storage, type, bits);
    return new TensorValue(type, shape, isContiguous(shape, steps) ? null : steps, base, start);
  }

  /** One object for each storage and change, so that tensors that share memory share it. */
  #decode(storage: Storage, dtype: Dtype, bits: Bits): Storage {
    const unit = bitsOf(dtype) / 8;
    const number = /^b?complex/.test(dtype) ? unit / 2 : unit;
    const swap = this.bigEndian && number > 1;
    if (!swap && !bits.conj && !bits.neg) return storage;
    const key = `${dtype} ${String(bits.conj)} ${String(bits.neg)}`;
    const known = this.#decoded.get(storage) ?? new Map<string, Storage>();
    this.#decoded.set(storage, known);
    const base = swap ? swapped(storage, number) : storage;
    const decoded =
      known.get(key) ??
      new DecodedStorage(base, unit, (units) => {
        if (bits.neg) negate(units, 0, number);
        if (bits.conj) negate(units, number, unit);
      });
    known.set(key, decoded);
    return decoded;
  }
}

/** What torch keeps as a mark instead of changing the values (`torch._utils.set_tensor_metadata`). */
export interface Bits {
  readonly conj: boolean;
  readonly neg: boolean;
}

export const NO_BITS: Bits = { conj: false, neg: false };

/** The members of a shape or of strides; null when they are none. */
export function counts(value: Value | undefined): readonly number[] | null {
  const items = asSequence(value);
  if (items === null || items.length > MOST_DIMENSIONS) return null;
  const numbers = items.map(asCount);
  return numbers.every((each) => each !== null) ? numbers : null;
}

/** The element furthest from the start of the storage; null when there is none. */
function lastElement(
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
): number | null {
  if (shape.includes(0)) return null;
  return shape.reduce((last, size, at) => last + (size - 1) * (strides[at] ?? 0), offset);
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let at = shape.length - 1; at >= 0; at--) {
    const size = shape[at] ?? 1;
    if (size === 1) continue;
    if (strides[at] !== expected) return false;
    expected *= size;
  }
  return true;
}

/** Turns the sign of the little-endian number that ends each step, begun at `from`. */
function negate(units: Uint8Array, from: number, step: number): void {
  const width = from === 0 ? step : step - from;
  for (let at = from + width - 1; at < units.length; at += step)
    units[at] = (units[at] ?? 0) ^ 0x80;
}
