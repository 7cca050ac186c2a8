import { elementCount } from '../../shape';
import type { Storage, StoredTensor } from '../checkpoint';
import { CheckpointError, quoted } from '../checkpointError';
import { bytesOf, type Dtype } from '../dtypes';
import { swapped } from '../swappedStorage';
import type { NpyHeader } from './npyHeader';

const DTYPES: ReadonlyMap<string, Dtype> = new Map([
  ['b1', 'bool'],
  ['i1', 'int8'],
  ['i2', 'int16'],
  ['i4', 'int32'],
  ['i8', 'int64'],
  ['u1', 'uint8'],
  ['u2', 'uint16'],
  ['u4', 'uint32'],
  ['u8', 'uint64'],
  ['f2', 'float16'],
  ['f4', 'float32'],
  ['f8', 'float64'],
  ['c8', 'complex64'],
  ['c16', 'complex128'],
  // Of ml_dtypes, whose arrays NumPy writes as bytes without a type.
  ['V2', 'bfloat16'],
]);

/** Names of PyTorch, Keras and TensorFlow for what training moves beside the optimizer. */
const STATISTIC =
  /(^|[./])(running_mean|running_var|num_batches_tracked|moving_mean|moving_variance)$/;

export interface NpyTensor {
  readonly tensor: StoredTensor;
  /** Something to know of it; empty when there is nothing. */
  readonly note: string;
}

/**
 * @param storage the whole `.npy` file
 * @param place of the array's file in the file that messages name, bytes
 * @returns why not, for arrays that are not read
 * @throws CheckpointError when the values do not fit into the file
 */
export function npyTensor(
  name: string,
  header: NpyHeader,
  storage: Storage,
  file: string,
  place: number,
): NpyTensor | string {
  const { descr, shape, fortranOrder } = header;
  const shown = quoted(name);
  if (descr === null) return `${shown} is a structured array, which is not read.`;
  if (descr.includes('O')) {
    return `${shown} is an array of Python objects: a pickle, which could run code. It is not read.`;
  }
  const dtype = DTYPES.get(descr.slice(1));
  if (dtype === undefined || !/^[<>=|]/.test(descr)) {
    return `${shown} has elements of ${JSON.stringify(descr.slice(0, 40))}, which no weight has.`;
  }
  const bytes = bytesOf(dtype, elementCount({ shape }));
  if (bytes !== storage.bytes - header.offset) {
    const there = `${shown} should have ${String(bytes)} bytes of values and has`;
    const reason = `${there} ${String(storage.bytes - header.offset)}: the file is damaged.`;
    throw new CheckpointError(file, place + header.offset, reason);
  }
  const width = Number(descr.slice(2)) / (descr[1] === 'c' ? 2 : 1);
  const turned = descr.startsWith('>') && width > 1;
  const dot = Math.max(name.lastIndexOf('/'), name.lastIndexOf('.'));
  const kind = STATISTIC.test(name) ? 'statistic' : 'parameter';
  return {
    tensor: {
      ...{ name, kind, module: name.slice(0, Math.max(0, dot)), type: '', dtype, shape },
      // The whole file, so that the checksum of an archive is of what is compared.
      storage: turned ? swapped(new ValuesOf(storage, header.offset), width) : storage,
      offset: turned ? 0 : header.offset,
      strides: fortranOrder && shape.length > 1 ? fortranStrides(shape) : null,
    },
    note:
      dtype === 'bfloat16'
        ? `${shown} has elements of 2 bytes without a type: read as bfloat16.`
        : '',
  };
}

/** The values behind the header of a `.npy` file. */
class ValuesOf implements Storage {
  readonly crc32 = null;
  readonly place = null;

  constructor(
    private readonly whole: Storage,
    private readonly start: number,
  ) {}

  get bytes(): number {
    return this.whole.bytes - this.start;
  }

  readInto(offset: number, target: Uint8Array): void {
    this.whole.readInto(this.start + offset, target);
  }
}

function fortranStrides(shape: readonly number[]): readonly number[] {
  let stride = 1;
  return shape.map((size) => {
    const own = stride;
    stride *= size;
    return own;
  });
}
