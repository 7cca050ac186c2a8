import type { ByteSource } from '../byteSource';
import { CheckpointError } from '../checkpointError';
import { AbsentStorage } from '../decodedStorage';
import { bytesOf, type Dtype } from '../dtypes';
import { MemorySource } from '../memorySource';
import { PlainStorage } from '../plainStorage';
import { Hazards } from './hazards';
import type { PickleHost } from './pickle/machine';
import {
  asSequence,
  asText,
  PyDict,
  PyGlobal,
  PyObject,
  PySet,
  PyTuple,
  type Value,
} from './pickle/value';
import { dtypeOf } from './storageTypes';
import type { TensorMaker } from './tensorValue';
import {
  counts,
  NO_BITS,
  TensorValue,
  UnknownStorage,
  UnknownTensor,
  type Bits,
} from './tensorValue';

/** An element type that is unknown here. */
interface Unknown {
  readonly type: string;
}

/** Pairs that calls copy in all: what comes again and again by the memo is copied each time. */
const MOST_COPIED = 1_000_000;

/**
 * Gives meaning to the globals that checkpoints of PyTorch are made of: the functions of
 * torch/_utils.py and torch/_tensor.py, and Python's containers. The rest stays opaque.
 */
export class TorchHost implements PickleHost {
  readonly hazards = new Hazards();
  #copied = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly tensors: TensorMaker,
    /** Gives the storage of a persistent id. */
    readonly persistent: (id: Value, place: number) => Value,
  ) {}

  named(global: PyGlobal, place: number): void {
    this.hazards.named(global, place);
  }

  changed(global: PyGlobal, place: number): void {
    this.hazards.changed(global, place);
  }

  call(
    callee: PyGlobal | null,
    args: readonly Value[],
    way: 'call' | 'new',
    place: number,
  ): Value | undefined {
    this.hazards.called(callee, args, way, place);
    if (callee === null) return undefined;
    const { module, name } = callee;
    switch (module) {
      case 'torch._utils':
        return this.#rebuild(name, args, place);
      case 'torch._tensor':
        return this.#rebuildSubclass(name, args, place);
      case 'collections':
        return this.#container(name, args);
      case 'torch':
        return name === 'Size' && args[0] instanceof PyTuple ? args[0] : undefined;
      case '_codecs':
        return name === 'encode' ? encoded(args) : undefined;
      case 'builtins':
      case '__builtin__':
        return name === 'set' || name === 'frozenset' ? this.#set(args) : undefined;
      case 'copyreg':
      case 'copy_reg':
        return reconstructed(name, args);
      case 'torch.jit._pickle':
        // Lists that TorchScript gives an element type.
        return /^(?:build_\w+|restore_type_tag)$/.test(name) ? args[0] : undefined;
      default:
        return undefined;
    }
  }

  #rebuild(name: string, args: readonly Value[], place: number): Value | undefined {
    const [first, second, third] = args;
    switch (name) {
      case '_rebuild_tensor':
        return this.#tensor(null, args, NO_BITS, place);
      case '_rebuild_tensor_v2':
        return this.#tensor(null, args, bitsOf(args[6]), place);
      case '_rebuild_tensor_v3':
        return this.#tensor(this.#dtype(args[6], place), args, bitsOf(args[7]), place);
      case '_rebuild_qtensor':
        return this.#quantized(this.#tensor(null, args, NO_BITS, place), args[4]);
      case '_rebuild_parameter':
      case '_rebuild_parameter_with_state':
      case '_rebuild_device_tensor_from_cpu_tensor':
        return first;
      case '_rebuild_sparse_tensor':
      case '_rebuild_sparse_csr_tensor':
        return sparse(first, second);
      case '_rebuild_meta_tensor_no_storage':
        return this.#absent(first, second, place);
      case '_rebuild_nested_tensor':
        return named(['values', 'sizes', 'strides', 'offsets'], args);
      case '_rebuild_device_tensor_from_numpy':
      case '_rebuild_xla_tensor':
        return first;
      case '_rebuild_wrapper_subclass':
        return first instanceof PyGlobal
          ? new PyObject(first, [second ?? null, third ?? null])
          : undefined;
      default:
        return undefined;
    }
  }

  /** @param dtype null for that of the storage */
  #tensor(
    dtype: Dtype | Unknown | null,
    [storage, ...rest]: readonly Value[],
    bits: Bits,
    place: number,
  ): TensorValue | UnknownTensor {
    const unknown = storage instanceof UnknownStorage ? storage : dtype;
    if (typeof unknown === 'object' && unknown !== null) {
      return new UnknownTensor(unknown.type, counts(rest[1]) ?? []);
    }
    return this.tensors.make(storage, unknown, rest, place, bits);
  }

  /** `_rebuild_from_type_v2(func, type, args, state)`: a tensor with attributes, or made of others. */
  #rebuildSubclass(name: string, args: readonly Value[], place: number): Value | undefined {
    const [func, type, inner, state] = args;
    if (!/^_rebuild_from_type(?:_v2)?$/.test(name) || !(func instanceof PyGlobal)) return undefined;
    // In itself it would nest without end.
    if (func.module === 'torch._tensor') return undefined;
    const made = this.call(func, asSequence(inner) ?? [], 'call', place);
    if (made instanceof TensorValue || made instanceof UnknownTensor) return made;
    const object = new PyObject(type instanceof PyGlobal ? type : null, []);
    object.state = state;
    return object;
  }

  #quantized(
    tensor: TensorValue | UnknownTensor,
    params: Value | undefined,
  ): TensorValue | UnknownTensor {
    if (tensor instanceof UnknownTensor) return tensor;
    const [scheme, scale, zeroPoint] = asSequence(params) ?? [];
    if (!(scheme instanceof PyGlobal)) return tensor;
    const parts = [
      ['scale', this.#numbers(scale, 'float64')],
      ['zero_point', this.#numbers(zeroPoint, 'int64')],
    ] as const;
    const { dtype, shape, strides, storage, offset } = tensor;
    const known = parts.filter((part): part is [(typeof part)[0], TensorValue] => part[1] !== null);
    return new TensorValue(dtype, shape, strides, storage, offset, known);
  }

  /** A number of the pickle, or several, as a tensor. */
  #numbers(value: Value | undefined, dtype: 'float64' | 'int64'): TensorValue | null {
    if (value instanceof TensorValue) return value;
    const items = asSequence(value) ?? (value === undefined ? [] : [value]);
    const numbers = items.filter((each) => typeof each === 'number' || typeof each === 'bigint');
    if (numbers.length !== items.length || items.length === 0) return null;
    const typed =
      dtype === 'float64'
        ? Float64Array.from(numbers, Number)
        : BigInt64Array.from(numbers, (each) =>
            BigInt.asIntN(64, BigInt(typeof each === 'number' ? Math.trunc(each) || 0 : each)),
          );
    const memory = new MemorySource(this.source.name, new Uint8Array(typed.buffer));
    const shape = asSequence(value) === null ? [] : [numbers.length];
    return new TensorValue(dtype, shape, null, new PlainStorage(memory, 0, memory.size), 0);
  }

  #absent(
    dtype: Value | undefined,
    size: Value | undefined,
    place: number,
  ): TensorValue | UnknownTensor {
    const type = this.#dtype(dtype, place);
    const shape = counts(size);
    if (typeof type === 'object') return new UnknownTensor(type.type, shape ?? []);
    const bytes = bytesOf(
      type,
      (shape ?? []).reduce((product, each) => product * each, 1),
    );
    if (shape === null || !Number.isSafeInteger(bytes)) {
      throw new CheckpointError(
        this.source.name,
        place,
        'a tensor in it has a shape that is none.',
      );
    }
    const reason = 'the tensor was saved from the meta device, where tensors have no values.';
    return new TensorValue(
      type,
      shape,
      null,
      new AbsentStorage(this.source.name, bytes, reason),
      0,
    );
  }

  #dtype(value: Value | undefined, place: number): Dtype | Unknown {
    const dtype = dtypeOf(value);
    if (dtype !== null) return dtype;
    if (value instanceof PyGlobal) return { type: value.path };
    const reason = 'a tensor in it has an element type that is none: the file is damaged.';
    throw new CheckpointError(this.source.name, place, reason);
  }

  #container(name: string, args: readonly Value[]): Value | undefined {
    if (!/^(?:OrderedDict|defaultdict|Counter)$/.test(name)) return undefined;
    const dict = new PyDict();
    const given = name === 'defaultdict' ? args[1] : args[0];
    if (given instanceof PyDict) {
      this.#copies(given.entries.size);
      for (const [key, value] of given.entries) dict.set(key, value);
    }
    const pairs = asSequence(given) ?? [];
    this.#copies(pairs.length);
    for (const pair of pairs) {
      const [key, value] = asSequence(pair) ?? [];
      if (key !== undefined) dict.set(key, value ?? null);
    }
    return dict;
  }

  #set(args: readonly Value[]): PySet {
    const set = new PySet();
    const items = asSequence(args[0]) ?? [];
    this.#copies(items.length);
    for (const item of items) set.push(item);
    return set;
  }

  #copies(count: number): void {
    this.#copied += count;
    if (this.#copied <= MOST_COPIED) return;
    const reason =
      'the pickle copies the same things again and again: it is made to exhaust memory.';
    throw new CheckpointError(this.source.name, null, reason);
  }
}

/** `{'conj': True}` */
function bitsOf(metadata: Value | undefined): Bits {
  if (!(metadata instanceof PyDict)) return NO_BITS;
  return {
    conj: metadata.entries.get('conj') === true,
    neg: metadata.entries.get('neg') === true,
  };
}

/** The tensors that a sparse one is made of, by their names: values are compared by these. */
function sparse(layout: Value | undefined, data: Value | undefined): Value {
  const text =
    layout instanceof PyObject
      ? asText(layout.args[0])
      : layout instanceof PyGlobal
        ? layout.name
        : '';
  const names = /coo/.test(text ?? '')
    ? ['indices', 'values']
    : /csc|bsc/.test(text ?? '')
      ? ['ccol_indices', 'row_indices', 'values']
      : ['crow_indices', 'col_indices', 'values'];
  return named(names, asSequence(data) ?? []);
}

function named(names: readonly string[], values: readonly Value[]): PyObject {
  const object = new PyObject(new PyGlobal('torch', 'Tensor'), []);
  const state = new PyDict();
  for (const [index, name] of names.entries()) state.set(name, values[index] ?? null);
  object.state = state;
  return object;
}

/** Bytes, which protocol 2 writes as Latin-1 text. */
function encoded([text, encoding]: readonly Value[]): Value | undefined {
  if (typeof text !== 'string' || !/^latin.?1$/.test(asText(encoding) ?? '')) return undefined;
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** How protocols 0 and 1 make objects: `copyreg._reconstructor(class, base, state)`. */
function reconstructed(name: string, [type, ...rest]: readonly Value[]): Value | undefined {
  if (!(type instanceof PyGlobal)) return undefined;
  if (name === '_reconstructor') return new PyObject(type, []);
  return name === '__newobj__' ? new PyObject(type, rest.slice(0, 64)) : undefined;
}
