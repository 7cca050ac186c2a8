import { isDtype, type Dtype } from '../dtypes';
import { PyGlobal, type Value } from './pickle/value';

/** `_dtype_to_storage_type_map` of torch/storage.py. */
const STORAGES: ReadonlyMap<string, Dtype> = new Map([
  ['DoubleStorage', 'float64'],
  ['FloatStorage', 'float32'],
  ['HalfStorage', 'float16'],
  ['LongStorage', 'int64'],
  ['IntStorage', 'int32'],
  ['ShortStorage', 'int16'],
  ['CharStorage', 'int8'],
  ['ByteStorage', 'uint8'],
  ['BoolStorage', 'bool'],
  ['BFloat16Storage', 'bfloat16'],
  ['ComplexDoubleStorage', 'complex128'],
  ['ComplexFloatStorage', 'complex64'],
  ['QInt8Storage', 'qint8'],
  ['QInt32Storage', 'qint32'],
  ['QUInt8Storage', 'quint8'],
  ['QUInt4x2Storage', 'quint4x2'],
  ['QUInt2x4Storage', 'quint2x4'],
  // Bytes whose type stands with each tensor.
  ['UntypedStorage', 'uint8'],
  ['_UntypedStorage', 'uint8'],
]);

/** The element type of a storage class, whatever its module (`torch.cuda` has its own). */
export function storageDtype({ name }: PyGlobal): Dtype | null {
  return STORAGES.get(name) ?? null;
}

/** A storage class that is unknown here: of a newer torch, or of a device with types of its own. */
export function isUnknownStorage(type: Value | undefined): type is PyGlobal {
  return type instanceof PyGlobal && /^torch\..*Storage$/s.test(type.path);
}

/** The element type that `torch.float32` and its like name; null for anything else. */
export function dtypeOf(value: Value | undefined): Dtype | null {
  if (!(value instanceof PyGlobal) || value.module !== 'torch') return null;
  return isDtype(value.name) ? value.name : null;
}

/**
 * Bytes of one element as `torch._utils._element_size` gives it, by which storages are measured: of
 * packed types that of the byte.
 */
export function storageUnit(dtype: Dtype, bits: number): number {
  return dtype === 'quint4x2' || dtype === 'quint2x4' ? 1 : bits / 8;
}
