import { expect, test } from 'vitest';
import { bitsOf, isDtype } from '../../../../src/model/checkpoint/dtypes';
import { elementType } from '../../../../src/model/compare/elements';
import values from './elementValues.json';

/** What elementValues.py had from PyTorch and ml_dtypes. */
test.each(Object.entries(values))('%s is decoded as its library does', (dtype, expected) => {
  if (!isDtype(dtype)) throw new Error(`unknown ${dtype}`);
  const bytes = Uint8Array.from(Buffer.from(expected.bytes, 'hex'));
  const wanted = expected.values.split(' ').map(Number);
  const out = new Float64Array(wanted.length);
  elementType(dtype).decode(bytes, wanted.length, out);
  expect([...out]).toEqual(wanted);
  const elements = wanted.length / elementType(dtype).numbers;
  expect(elements * bitsOf(dtype)).toBe(bytes.length * 8);
});

test('two numbers in a byte of float4_e2m1fn_x2 are those of float4_e2m1', () => {
  const out = new Float64Array(4);
  elementType('float4_e2m1fn_x2').decode(Uint8Array.of(0x2f, 0x01), 4, out);
  expect([...out]).toEqual([-6, 1, 0.5, 0]);
});
