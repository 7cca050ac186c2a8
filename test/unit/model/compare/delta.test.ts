import { expect, test } from 'vitest';
import { bitsOf, bytesOf, isDtype, type Dtype } from '../../../../src/model/checkpoint/dtypes';
import { elementType } from '../../../../src/model/compare/elements';
import { STRETCH } from '../../../../src/model/compare/delta';
import { compareTensors, Dice, floats, storageOf, tensor, verdictsOf } from './craft';

const DTYPES = (
  'bool uint8 int8 uint16 int16 uint32 int32 uint64 int64 float16 bfloat16 float32 float64 ' +
  'float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu float4_e2m1 ' +
  'float6_e2m3 float6_e3m2 float4_e2m1fn_x2 int4 uint4 complex32 complex64 complex128 qint8 ' +
  'quint8 qint32 quint4x2 quint2x4'
)
  .split(' ')
  .filter(isDtype);

const modulus = (parts: readonly number[]): number =>
  parts.some(Number.isNaN) ? NaN : Math.hypot(...parts);

interface Wanted {
  readonly elements: number;
  readonly maxDelta: number | 'NaN' | 'Infinity';
  readonly relativeL2: number | 'NaN' | 'Infinity' | null;
}

/** The definition, one element after the other, bits as strings and sums as they come. */
function byDefinition(dtype: Dtype, before: Uint8Array, after: Uint8Array, count: number): Wanted {
  const bits = bitsOf(dtype);
  const textOf = (bytes: Uint8Array): string =>
    Array.from(
      { length: bytes.length * 8 },
      (_, at) => ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1,
    ).join('');
  const [x, y] = [textOf(before), textOf(after)];
  const { numbers, complex, decode } = elementType(dtype);
  const values = [before, after].map((bytes) => {
    const out = new Float64Array(count * numbers);
    decode(Uint8Array.from(bytes), count * numbers, out);
    return out;
  });
  const bigs = dtype === 'int64' ? BigInt64Array : BigUint64Array;
  let [elements, largest, sum, norm, undefinedMove] = [0, 0, 0, 0, false];
  for (let at = 0; at < count; at += 1) {
    const differs = x.slice(at * bits, (at + 1) * bits) !== y.slice(at * bits, (at + 1) * bits);
    const parts = Array.from({ length: numbers }, (_, part) => {
      const [a = 0, b = 0] = values.map((each) => each[at * numbers + part]);
      norm += a * a;
      if (bits !== 64 || !dtype.includes('int')) return Object.is(a, b) ? 0 : b - a;
      const [p = 0n, q = 0n] = [before, after].map((each) => new bigs(each.slice().buffer)[at]);
      return Number(q - p);
    });
    if (!differs) continue;
    elements += 1;
    const sizes = complex ? [modulus(parts)] : parts;
    for (const size of sizes.map(Math.abs)) {
      if (Number.isNaN(size)) undefinedMove = true;
      else [largest, sum] = [Math.max(largest, size), sum + size * size];
    }
  }
  const told = (n: number): number | 'Infinity' => (n === Infinity ? 'Infinity' : n);
  const broken = undefinedMove || Number.isNaN(norm);
  const relative = sum === 0 ? 0 : norm === Infinity ? null : told(Math.sqrt(sum / norm));
  return {
    elements,
    maxDelta: undefinedMove ? 'NaN' : told(largest),
    relativeL2: broken ? 'NaN' : relative,
  };
}

function near(value: unknown, wanted: number | string | null): void {
  if (typeof wanted !== 'number' || typeof value !== 'number') expect(value).toBe(wanted);
  else expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-12 * Math.abs(wanted));
}

test.each(DTYPES)('%s: random flips are counted and measured as by definition', (dtype) => {
  const dice = new Dice(bitsOf(dtype) * 31 + dtype.length);
  for (let round = 0; round < 40; round += 1) {
    const elements = 1 + dice.roll(70);
    const before = dice.bytes(bytesOf(dtype, elements));
    // Without NaN and infinity in every other round, which would end all measuring.
    if (round % 2 === 0)
      for (let at = 0; at < before.length; at += 1) before[at] = (before[at] ?? 0) & 0x3f;
    const after = before.slice();
    for (let flip = dice.roll(4); flip >= 0; flip -= 1) {
      const bit = dice.roll(elements * bitsOf(dtype));
      after[bit >> 3] = (after[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    }
    const files = [before, after].map((bytes) => [
      tensor('x', dtype, [elements], storageOf(bytes)),
    ]);
    const [verdict] = verdictsOf(compareTensors(files))['x'] ?? [];
    const wanted = byDefinition(dtype, before, after, elements);
    if (wanted.elements === 0) {
      expect(verdict).toEqual({ kind: 'equal', by: 'bytes' });
      continue;
    }
    expect(verdict).toMatchObject({ kind: 'different', elements: wanted.elements });
    const { maxDelta, relativeL2 } = verdict as Wanted;
    near(maxDelta, wanted.maxDelta);
    near(relativeL2, wanted.relativeL2);
  }
});

const between = (before: number[], after: number[]): unknown =>
  verdictsOf(compareTensors([[floats('x', ...before)], [floats('x', ...after)]]))['x']?.[0];
const different = { kind: 'different' };

test('what has no size is told in words', () => {
  expect(between([1, 2], [1, NaN])).toEqual({
    ...different,
    elements: 1,
    maxDelta: 'NaN',
    relativeL2: 'NaN',
  });
  expect(between([1, 2], [1, Infinity])).toEqual({
    ...{ ...different, elements: 1, maxDelta: 'Infinity', relativeL2: 'Infinity' },
  });
  expect(between([-Infinity], [Infinity])).toMatchObject({ maxDelta: 'Infinity' });
  // From nothing to something: no finite factor of nothing.
  expect(between([0, 0], [0, 2])).toEqual({
    ...different,
    elements: 1,
    maxDelta: 2,
    relativeL2: 'Infinity',
  });
  // What stays NaN or infinite beside it has not moved.
  expect(between([NaN, 1], [NaN, 3])).toEqual({
    ...different,
    elements: 1,
    maxDelta: 2,
    relativeL2: 'NaN',
  });
  expect(between([Infinity, 1], [Infinity, 3])).toEqual({
    ...{ ...different, elements: 1, maxDelta: 2, relativeL2: null },
  });
});

test('minus zero and another NaN are other bytes that moved by nothing', () => {
  expect(between([0, 4], [-0, 4])).toEqual({
    ...different,
    elements: 1,
    maxDelta: 0,
    relativeL2: 0,
  });
  const nan = (payload: number): Uint8Array =>
    new Uint8Array(Uint32Array.of(0x7fc00000 + payload).buffer);
  const files = [nan(0), nan(5)].map((bytes) => [tensor('x', 'float32', [1], storageOf(bytes))]);
  expect(verdictsOf(compareTensors(files))['x']).toMatchObject([{ elements: 1, maxDelta: 0 }]);
});

test('neighbours among the largest integers are one apart', () => {
  const files = [2n ** 62n, 2n ** 62n + 1n].map((big) => [
    tensor('x', 'int64', [1], storageOf(new Uint8Array(BigInt64Array.of(big).buffer))),
  ]);
  expect(verdictsOf(compareTensors(files))['x']).toMatchObject([{ elements: 1, maxDelta: 1 }]);
});

test('a tensor of several stretches is measured as a whole', () => {
  const before = Float32Array.from({ length: 2 * STRETCH + 5 }, () => 1);
  const after = before.slice();
  for (const at of [0, STRETCH - 1, STRETCH, after.length - 1]) after[at] = 1.5;
  const files = [before, after].map((each) => [
    tensor('x', 'float32', [each.length], storageOf(new Uint8Array(each.buffer))),
  ]);
  const [verdict] = verdictsOf(compareTensors(files))['x'] ?? [];
  expect(verdict).toMatchObject({ elements: 4, maxDelta: 0.5 });
  near((verdict as Wanted).relativeL2, Math.sqrt(1 / before.length));
});
