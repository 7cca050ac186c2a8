import type { Dtype } from '../dtypes';
import type { Fields } from './fields';

/** An element type of HDF5, as far as Keras uses it (chapter IV.A.2.d of the specification). */
export type H5Type =
  | { readonly kind: 'number'; readonly dtype: Dtype; readonly size: number; readonly big: boolean }
  /** Bytes without a meaning: bfloat16, whose name stands in an attribute. */
  | { readonly kind: 'opaque'; readonly size: number }
  | { readonly kind: 'text'; readonly size: number }
  /** Texts that stand elsewhere in the file. */
  | { readonly kind: 'texts'; readonly size: number }
  | { readonly kind: 'other'; readonly size: number; readonly what: string };

const CLASSES = [
  ...['integer', 'float', 'time', 'text', 'bit field', 'opaque', 'compound', 'reference'],
  ...['enumeration', 'variable length', 'array'],
];

const INTEGERS: ReadonlyMap<string, Dtype> = new Map([
  ['1', 'int8'],
  ['2', 'int16'],
  ['4', 'int32'],
  ['8', 'int64'],
  ['u1', 'uint8'],
  ['u2', 'uint16'],
  ['u4', 'uint32'],
  ['u8', 'uint64'],
]);

/** By bytes, bits of the exponent and bits of the mantissa. */
const FLOATS: ReadonlyMap<string, Dtype> = new Map([
  ['2 5 10', 'float16'],
  ['2 8 7', 'bfloat16'],
  ['4 8 23', 'float32'],
  ['8 11 52', 'float64'],
]);

/** @throws CheckpointError when it is cut short */
export function readDatatype(fields: Fields): H5Type {
  const classAndVersion = fields.u8();
  const bits = [fields.u8(), fields.u8(), fields.u8()] as const;
  const size = fields.u32();
  const what = CLASSES[classAndVersion & 15] ?? 'unknown';
  const big = (bits[0] & 1) !== 0;
  switch (what) {
    case 'integer': {
      const dtype = INTEGERS.get(`${bits[0] & 8 ? '' : 'u'}${String(size)}`);
      const [first, precision] = [fields.u16(), fields.u16()];
      const whole = first === 0 && precision === size * 8;
      return dtype !== undefined && whole
        ? { kind: 'number', dtype, size, big }
        : { kind: 'other', size, what };
    }
    case 'float': {
      fields.skip(5);
      const exponent = fields.u8();
      fields.skip(1);
      const dtype = FLOATS.get(`${String(size)} ${String(exponent)} ${String(fields.u8())}`);
      return dtype !== undefined && (bits[0] & 64) === 0
        ? { kind: 'number', dtype, size, big }
        : { kind: 'other', size, what };
    }
    case 'text':
      return { kind: 'text', size };
    case 'opaque':
      return { kind: 'opaque', size };
    case 'enumeration':
      // h5py writes booleans so: FALSE and TRUE, as bytes.
      return size === 1 && bits[0] === 2
        ? { kind: 'number', dtype: 'bool', size, big: false }
        : { kind: 'other', size, what };
    case 'variable length':
      return (bits[0] & 15) === 1 ? { kind: 'texts', size } : { kind: 'other', size, what };
    default:
      return { kind: 'other', size, what };
  }
}

/**
 * Sizes of the dimensions; null for the data space of nothing.
 * @throws CheckpointError
 */
export function readDataspace(fields: Fields): readonly number[] | null {
  const version = fields.u8();
  const rank = fields.u8();
  fields.skip(1);
  if (version === 2) {
    if (fields.u8() === 2) return null;
  } else {
    if (version !== 1) fields.fail('a data space should be of version 1 or 2');
    fields.skip(5);
  }
  return Array.from({ length: rank }, () => fields.u64());
}
