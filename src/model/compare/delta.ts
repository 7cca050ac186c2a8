import { bitsOf, type Dtype } from '../checkpoint/dtypes';
import { codeAt, elementType, type ElementType, type View } from './elements';
import type { PairVerdict } from './comparison';

type Measured = Omit<Extract<PairVerdict, { kind: 'different' }>, 'kind'>;

/**
 * Most elements in a stretch: their values take 2 MiB a side. A multiple of 8, so that stretches of
 * packed elements end with a byte.
 */
export const STRETCH = 128 * 1024;
/** Most bytes that a stretch has: complex128 is the widest. */
export const STRETCH_BYTES = STRETCH * 16;

const values = { before: new Float64Array(0), after: new Float64Array(0) };

/** Measures how far a tensor moved, one stretch of its elements after the other. */
export class Delta {
  readonly #type: ElementType;
  readonly #bits: number;
  #different = 0;
  #largest = 0;
  #sum = 0;
  #norm = 0;
  /** A number became NaN, or NaN a number. */
  #undefined = false;

  constructor(private readonly dtype: Dtype) {
    this.#type = elementType(dtype);
    this.#bits = bitsOf(dtype);
  }

  /**
   * The same elements of both sides, up to `STRETCH`, each side at a multiple of 16 of its buffer.
   */
  add(before: Uint8Array, after: Uint8Array, elements: number): void {
    if (values.before.length === 0) {
      values.before = new Float64Array(2 * STRETCH);
      values.after = new Float64Array(2 * STRETCH);
    }
    const numbers = elements * this.#type.numbers;
    this.#type.decode(before, numbers, values.before);
    this.#norm += sumOfSquares(values.before, numbers);
    if (Buffer.compare(before, after) === 0) return;
    const different = countDifferent(before, after, this.#bits, elements);
    this.#different += different;
    if (different === 0) return;
    this.#type.decode(after, numbers, values.after);
    if (this.dtype === 'int64' || this.dtype === 'uint64') this.#exactly(before, after, elements);
    else if (this.#type.complex) this.#complex(elements);
    else this.#plain(numbers);
  }

  /** Null when every element has the same bytes. */
  result(): Measured | null {
    if (this.#different === 0) return null;
    const maxDelta = this.#undefined ? 'NaN' : told(this.#largest);
    return { elements: this.#different, maxDelta, relativeL2: this.#relative() };
  }

  #relative(): Measured['relativeL2'] {
    if (this.#undefined || Number.isNaN(this.#norm)) return 'NaN';
    if (this.#sum === 0) return 0;
    // An infinite norm tells nothing of what moved beside the infinity, and may be an overflow.
    if (this.#norm === Infinity) return null;
    return told(Math.sqrt(this.#sum / this.#norm));
  }

  #plain(numbers: number): void {
    const { before, after } = values;
    for (let at = 0; at < numbers; at += 1) {
      const x = before[at] ?? 0;
      const y = after[at] ?? 0;
      if (x === y) continue;
      const size = Math.abs(y - x);
      if (!Number.isNaN(size)) this.#moved(size);
      // Two NaN that differ in their payload differ in bytes, not in size.
      else if (!Number.isNaN(x) || !Number.isNaN(y)) this.#undefined = true;
    }
  }

  #complex(elements: number): void {
    const { before, after } = values;
    for (let at = 0; at < 2 * elements; at += 2) {
      const x = before[at] ?? 0;
      const y = after[at] ?? 0;
      const xi = before[at + 1] ?? 0;
      const yi = after[at + 1] ?? 0;
      if (x === y && xi === yi) continue;
      // A part that is NaN, or infinite alike, on both sides did not move.
      const real = Object.is(x, y) ? 0 : y - x;
      const imaginary = Object.is(xi, yi) ? 0 : yi - xi;
      if (Number.isNaN(real) || Number.isNaN(imaginary)) this.#undefined = true;
      else this.#moved(Math.hypot(real, imaginary));
    }
  }

  /** Of 64 bits: neighbours beyond 2^53 are one float64, their difference is not. */
  #exactly(before: Uint8Array, after: Uint8Array, elements: number): void {
    const words = (view: View, { buffer, byteOffset }: Uint8Array): ArrayLike<number> =>
      new view(buffer, byteOffset, 2 * elements);
    const signed = this.dtype === 'int64' ? Int32Array : Uint32Array;
    const [x, y] = [words(Uint32Array, before), words(Uint32Array, after)];
    const [xHigh, yHigh] = [words(signed, before), words(signed, after)];
    for (let at = 0; at < 2 * elements; at += 2) {
      const upper = (yHigh[at + 1] ?? 0) - (xHigh[at + 1] ?? 0);
      const lower = (y[at] ?? 0) - (x[at] ?? 0);
      if (upper !== 0 || lower !== 0) this.#moved(Math.abs(upper * 2 ** 32 + lower));
    }
  }

  #moved(size: number): void {
    if (size > this.#largest) this.#largest = size;
    this.#sum += size * size;
  }
}

const told = (value: number): number | 'Infinity' => (value === Infinity ? 'Infinity' : value);

function sumOfSquares(numbers: Float64Array, count: number): number {
  let sum = 0;
  for (let at = 0; at < count; at += 1) {
    const x = numbers[at] ?? 0;
    sum += x * x;
  }
  return sum;
}

/** How many elements have other bits. */
function countDifferent(
  before: Uint8Array,
  after: Uint8Array,
  bits: number,
  elements: number,
): number {
  if (bits < 8) {
    let count = 0;
    for (let at = 0; at < elements; at += 1) {
      if (codeAt(before, bits, at) !== codeAt(after, bits, at)) count += 1;
    }
    return count;
  }
  const view: View = bits === 8 ? Uint8Array : bits === 16 ? Uint16Array : Uint32Array;
  const words = Math.max(1, bits / 32);
  const a = new view(before.buffer, before.byteOffset, elements * words);
  const b = new view(after.buffer, after.byteOffset, elements * words);
  let count = 0;
  let last = -1;
  for (let at = 0; at < a.length; at += 1) {
    if (a[at] === b[at]) continue;
    const element = words === 1 ? at : Math.floor(at / words);
    if (element !== last) count += 1;
    last = element;
  }
  return count;
}
