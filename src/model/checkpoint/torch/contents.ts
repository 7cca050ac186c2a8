import { isDtype, type Dtype } from '../dtypes';
import { MemorySource } from '../memorySource';
import { PlainStorage } from '../plainStorage';
import {
  asCount,
  asSequence,
  asText,
  PyDict,
  PyList,
  PyObject,
  PyTuple,
  type Value,
} from './pickle/value';
import { counts, TensorValue, UnknownTensor } from './tensorValue';

/** Something that tensors can be in. */
export type Container = PyDict | PyList | PyTuple | PyObject;

export function isContainer(value: Value): value is Container {
  return (
    value instanceof PyDict ||
    value instanceof PyList ||
    value instanceof PyTuple ||
    value instanceof PyObject
  );
}

/** What stands in a container, by key, index or attribute. */
export function* contentsOf(container: Container): Iterable<readonly [key: string, value: Value]> {
  if (container instanceof PyDict) {
    yield* textKeys(container.entries);
  } else if (container instanceof PyObject) {
    yield* textKeys(container.entries);
    for (const [index, item] of container.items.entries()) yield [String(index), item];
    yield* attributesOf(container);
  } else {
    for (const [index, item] of container.items.entries()) yield [String(index), item];
  }
}

/** The attributes of an object by its state: a dict, or a dict and one of slots, or a sequence. */
export function* attributesOf({ state }: PyObject): Iterable<readonly [key: string, value: Value]> {
  if (state instanceof PyDict) {
    yield* textKeys(state.entries);
  } else if (state instanceof PyTuple) {
    const [attributes, slots] = state.items;
    const split = state.items.length === 2 && (slots instanceof PyDict || slots === null);
    if (split && attributes instanceof PyDict) yield* textKeys(attributes.entries);
    if (split && slots instanceof PyDict) yield* textKeys(slots.entries);
    if (!split) for (const [index, item] of state.items.entries()) yield [String(index), item];
  } else if (state !== undefined && isContainer(state)) {
    yield ['state', state];
  }
}

function* textKeys(
  entries: ReadonlyMap<Value, Value>,
): Iterable<readonly [key: string, value: Value]> {
  for (const [key, value] of entries) {
    const text = typeof key === 'number' ? String(key) : asText(key);
    if (text !== null) yield [text, value];
  }
}

/** Classes of tensors before `_rebuild_tensor_v2`: the data is their first argument. */
const TENSOR_CLASS =
  /^torch\.(?:nn\.parameter\.(?:Parameter|Buffer)|autograd\.variable\.Variable)$/;
const ARRAY = /^numpy\.(?:_?core)\.multiarray\._reconstruct$/;
const SCALAR = /^numpy\.(?:_?core)\.multiarray\.scalar$/;
const arrays = new WeakMap<PyObject, TensorValue | null>();

/** The tensor that a value is: torch's, a `Parameter` of old, or an array of NumPy. */
export function asTensor(value: Value | undefined): TensorValue | null {
  if (value instanceof TensorValue) return value;
  if (!(value instanceof PyObject) || value.type === null) return null;
  const { path } = value.type;
  if (TENSOR_CLASS.test(path)) {
    const [data] = value.args;
    return data instanceof TensorValue ? data : null;
  }
  if (!ARRAY.test(path)) return null;
  let array = arrays.get(value);
  if (array === undefined) {
    array = arrayOf(value);
    arrays.set(value, array);
  }
  return array;
}

/** As `asTensor`, and the tensors of unknown types too. */
export function asAnyTensor(value: Value | undefined): TensorValue | UnknownTensor | null {
  return value instanceof UnknownTensor ? value : asTensor(value);
}

/** `(version, shape, dtype, is_fortran, bytes)` of `array.__reduce__` in NumPy's methods.c. */
function arrayOf({ state }: PyObject): TensorValue | null {
  const [, size, type, fortran, bytes] = asSequence(state) ?? [];
  const shape = counts(size);
  const dtype = arrayDtype(type);
  if (shape === null || dtype === null || !(bytes instanceof Uint8Array)) return null;
  const elements = shape.reduce((product, each) => product * each, 1);
  if (elements * dtype.bytes !== bytes.length) return null;
  const storage = new PlainStorage(new MemorySource('array', bytes), 0, bytes.length);
  const strides = fortran === true && shape.length > 1 ? fortranStrides(shape) : null;
  return new TensorValue(dtype.dtype, shape, strides, storage, 0);
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['f', 'float'],
  ['i', 'int'],
  ['u', 'uint'],
  ['c', 'complex'],
]);

/** `dtype('f4', …)` whose state holds the byte order. */
function arrayDtype(
  value: Value | undefined,
): { readonly dtype: Dtype; readonly bytes: number } | null {
  if (!(value instanceof PyObject) || value.type?.path !== 'numpy.dtype') return null;
  const [, kind, digits] = /^([fiucb])(\d{1,2})$/.exec(asText(value.args[0]) ?? '') ?? [];
  const order = asText((asSequence(value.state) ?? [])[1]);
  if (kind === undefined || order === '>') return null;
  const bytes = Number(digits);
  const name = kind === 'b' ? 'bool' : `${KINDS.get(kind) ?? ''}${String(bytes * 8)}`;
  return isDtype(name) ? { dtype: name, bytes } : null;
}

function fortranStrides(shape: readonly number[]): readonly number[] {
  let step = 1;
  return shape.map((size) => {
    const own = step;
    step *= size;
    return own;
  });
}

/** A count as a scalar of NumPy: `scalar(dtype('i8'), bytes)`; null for anything else. */
export function asArrayScalar(value: Value | undefined): number | null {
  if (!(value instanceof PyObject) || !SCALAR.test(value.type?.path ?? '')) return null;
  const [type, bytes] = value.args;
  const dtype = arrayDtype(type);
  if (!(bytes instanceof Uint8Array) || dtype === null || bytes.length !== dtype.bytes) return null;
  if (!/^u?int/.test(dtype.dtype)) return null;
  return asCount(Buffer.from(bytes).readIntLE(0, Math.min(6, bytes.length)));
}
