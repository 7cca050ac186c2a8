import type { Dtype } from '../checkpoint/dtypes';
import { scales, smallFloats } from './smallFloats';

/**
 * Writes the values of the first elements of `bytes` to `out`, real and imaginary part of a complex
 * number behind each other. `bytes` begins at a multiple of 16 in its buffer; the machine is
 * little-endian, as all that VS Code and the formats know.
 * @param numbers how many to write
 */
export type Decoder = (bytes: Uint8Array, numbers: number, out: Float64Array) => void;

/** How the elements of a type are told apart and measured. */
export interface ElementType {
  /** Numbers in an element of the shape. */
  readonly numbers: 1 | 2;
  /** Whether the two numbers are one complex number. */
  readonly complex: boolean;
  readonly decode: Decoder;
}

/** A typed array over bytes. */
export type View = new (
  buffer: ArrayBufferLike,
  offset: number,
  length: number,
) => ArrayLike<number>;

const viewed =
  (view: View): Decoder =>
  ({ buffer, byteOffset }, numbers, out) => {
    out.set(new view(buffer, byteOffset, numbers));
  };

const looked =
  (table: () => Float32Array, view: View = Uint8Array): Decoder =>
  ({ buffer, byteOffset }, numbers, out) => {
    const values = table();
    const codes = new view(buffer, byteOffset, numbers);
    for (let at = 0; at < numbers; at += 1) out[at] = values[codes[at] ?? 0] ?? 0;
  };

/** Codes of less than a byte, the first in the lowest bits, as little-endian packing has it. */
const packed =
  (bits: 2 | 4 | 6, valueOf: (code: number) => number): Decoder =>
  (bytes, numbers, out) => {
    const values = Float64Array.from({ length: 1 << bits }, (_, code) => valueOf(code));
    for (let at = 0; at < numbers; at += 1) out[at] = values[codeAt(bytes, bits, at)] ?? 0;
  };

/** The bits of an element that is smaller than a byte, as a number. */
export function codeAt(bytes: Uint8Array, bits: number, element: number): number {
  const bit = element * bits;
  const at = bit >>> 3;
  const two = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  return (two >>> (bit & 7)) & ((1 << bits) - 1);
}

const bfloat16: Decoder = ({ buffer, byteOffset }, numbers, out) => {
  const upper = new Uint16Array(buffer, byteOffset, numbers);
  const words = new Uint32Array(numbers);
  for (let at = 0; at < numbers; at += 1) words[at] = (upper[at] ?? 0) << 16;
  out.set(new Float32Array(words.buffer));
};

/** To the nearest float64; differences are taken from the words (see `Delta`). */
const wide =
  (high: View): Decoder =>
  ({ buffer, byteOffset }, numbers, out) => {
    const lows = new Uint32Array(buffer, byteOffset, 2 * numbers);
    const highs = new high(buffer, byteOffset, 2 * numbers);
    for (let at = 0; at < numbers; at += 1) {
      out[at] = (highs[2 * at + 1] ?? 0) * 2 ** 32 + (lows[2 * at] ?? 0);
    }
  };

const byte = (values: (code: number) => number): Decoder => {
  const table = Float32Array.from({ length: 256 }, (_, code) => values(code));
  return looked(() => table);
};
const float16 = looked(() => smallFloats('float16'), Uint16Array);
const nibbles = packed(4, (code) => smallFloats('float4_e2m1')[code] ?? 0);
const scaleTable = scales();

const one = (decode: Decoder): ElementType => ({ numbers: 1, complex: false, decode });
const complex = (decode: Decoder): ElementType => ({ numbers: 2, complex: true, decode });

const TYPES: Readonly<Record<Dtype, ElementType>> = {
  bool: one(byte((code) => (code === 0 ? 0 : 1))),
  uint8: one(viewed(Uint8Array)),
  int8: one(viewed(Int8Array)),
  uint16: one(viewed(Uint16Array)),
  int16: one(viewed(Int16Array)),
  uint32: one(viewed(Uint32Array)),
  int32: one(viewed(Int32Array)),
  uint64: one(wide(Uint32Array)),
  int64: one(wide(Int32Array)),
  float16: one(float16),
  bfloat16: one(bfloat16),
  float32: one(viewed(Float32Array)),
  float64: one(viewed(Float64Array)),
  float8_e4m3fn: one(looked(() => smallFloats('float8_e4m3fn'))),
  float8_e4m3fnuz: one(looked(() => smallFloats('float8_e4m3fnuz'))),
  float8_e5m2: one(looked(() => smallFloats('float8_e5m2'))),
  float8_e5m2fnuz: one(looked(() => smallFloats('float8_e5m2fnuz'))),
  float8_e8m0fnu: one(looked(() => scaleTable)),
  float4_e2m1: one(nibbles),
  float6_e2m3: one(packed(6, (code) => smallFloats('float6_e2m3')[code] ?? 0)),
  float6_e3m2: one(packed(6, (code) => smallFloats('float6_e3m2')[code] ?? 0)),
  float4_e2m1fn_x2: { numbers: 2, complex: false, decode: nibbles },
  int4: one(packed(4, (code) => (code < 8 ? code : code - 16))),
  uint4: one(packed(4, (code) => code)),
  complex32: complex(float16),
  bcomplex32: complex(bfloat16),
  complex64: complex(viewed(Float32Array)),
  complex128: complex(viewed(Float64Array)),
  qint8: one(viewed(Int8Array)),
  quint8: one(viewed(Uint8Array)),
  qint32: one(viewed(Int32Array)),
  quint4x2: one(packed(4, (code) => code)),
  quint2x4: one(packed(2, (code) => code)),
};

export function elementType(dtype: Dtype): ElementType {
  return TYPES[dtype];
}
