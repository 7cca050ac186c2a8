import { expect, test } from 'vitest';
import { compareBytes } from '../../src/tfjs/compareBytes';

const bytes = (array: ArrayBufferView): Buffer =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength);
const floats = (...values: number[]): Buffer => bytes(new Float32Array(values));

test('counts differing elements and their largest difference', () => {
  const now = floats(1, 2.5, 3, -4);
  expect(compareBytes(now, floats(1, 2, 3, 4), 'float32')).toEqual({ elements: 2, maxDelta: 8 });
});

test('0 and -0 differ in one element, by nothing', () => {
  expect(compareBytes(floats(-0), floats(0), 'float32')).toEqual({ elements: 1, maxDelta: 0 });
});

test('a NaN on either side makes the largest difference NaN, whatever follows', () => {
  const then = floats(0, 0, 0);
  expect(compareBytes(floats(1, NaN, 9), then, 'float32')).toEqual({
    elements: 3,
    maxDelta: 'NaN',
  });
});

test('an infinity on one side makes the largest difference infinite', () => {
  expect(compareBytes(floats(Infinity), floats(1), 'float32').maxDelta).toBe('Infinity');
});

test('a complex number is one element', () => {
  const difference = compareBytes(floats(1, 2, 3, 4), floats(1, 0, 0, 0), 'complex64');
  expect(difference).toEqual({ elements: 2, maxDelta: 4 });
});

test('integers and booleans are compared as such', () => {
  const [now, then] = [bytes(new Int32Array([-1, 5])), bytes(new Int32Array([1, 5]))];
  expect(compareBytes(now, then, 'int32')).toEqual({ elements: 1, maxDelta: 2 });
  const flags = [bytes(new Uint8Array([1, 0, 1])), bytes(new Uint8Array([1, 1, 1]))] as const;
  expect(compareBytes(...flags, 'bool')).toEqual({ elements: 1, maxDelta: 1 });
});

test('bytes that do not lie at a multiple of four are compared all the same', () => {
  const shifted = Buffer.concat([Buffer.alloc(1), floats(1, 2)]).subarray(1);
  expect(compareBytes(shifted, floats(1, 3), 'float32')).toEqual({ elements: 1, maxDelta: 1 });
});
