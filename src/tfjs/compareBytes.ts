/** A number as events write it: JSON has no NaN and no infinity. */
export type Delta = number | 'NaN' | 'Infinity';

export interface Difference {
  /** Elements of which any byte differs. */
  readonly elements: number;
  /** Largest absolute difference over those elements; 0 between 0.0 and -0.0. */
  readonly maxDelta: Delta;
}

/**
 * How two byte images of a tensor differ, element by element. The largest difference is `NaN` as
 * soon as a differing element is NaN on either side.
 * @param dtype TensorFlow.js' element type: `float32`, `int32`, `bool`, `complex64`
 */
export function compareBytes(now: Buffer, then: Buffer, dtype: string): Difference {
  if (dtype === 'bool') return compareNumbers(now, then, now, then, 1);
  const [a, b] = [aligned(now), aligned(then)];
  const words = (buffer: Buffer): Uint32Array => view(Uint32Array, buffer);
  if (dtype === 'int32') {
    return compareNumbers(words(a), words(b), view(Int32Array, a), view(Int32Array, b), 1);
  }
  const perElement = dtype === 'complex64' ? 2 : 1;
  const [x, y] = [view(Float32Array, a), view(Float32Array, b)];
  return compareNumbers(words(a), words(b), x, y, perElement);
}

/** The number as events write it. */
export function toDelta(value: number): Delta {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : 'Infinity';
}

function compareNumbers(
  nowBits: ArrayLike<number>,
  thenBits: ArrayLike<number>,
  now: ArrayLike<number>,
  then: ArrayLike<number>,
  perElement: number,
): Difference {
  let elements = 0;
  let largest = 0;
  let counted = -1;
  for (let at = 0; at < nowBits.length; at++) {
    if (nowBits[at] === thenBits[at]) continue;
    const element = Math.floor(at / perElement);
    if (element !== counted) elements++;
    counted = element;
    const delta = Math.abs((now[at] ?? 0) - (then[at] ?? 0));
    if (Number.isNaN(delta) || delta > largest) largest = delta;
    // Nothing compares as greater than NaN, so it stays.
  }
  return { elements, maxDelta: toDelta(largest) };
}

function view<T>(
  type: new (buffer: ArrayBufferLike, offset: number, length: number) => T,
  { buffer, byteOffset, byteLength }: Buffer,
): T {
  return new type(buffer, byteOffset, byteLength / 4);
}

/** Views on numbers need an address that is a multiple of their size. */
function aligned(buffer: Buffer): Buffer {
  if (buffer.byteOffset % 4 === 0) return buffer;
  const copy = Buffer.allocUnsafeSlow(buffer.length);
  buffer.copy(copy);
  return copy;
}
