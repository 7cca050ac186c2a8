import type { ByteSource } from '../../../../src/model/checkpoint/byteSource';
import type {
  Checkpoint,
  Storage,
  StoredModel,
  StoredTensor,
} from '../../../../src/model/checkpoint/checkpoint';
import { bytesOf, type Dtype } from '../../../../src/model/checkpoint/dtypes';
import { MemorySource } from '../../../../src/model/checkpoint/memorySource';
import type { ComparedTensor, Comparison } from '../../../../src/model/compare/comparison';
import {
  compareCheckpoints,
  type CompareOptions,
  type OpenedCheckpoint,
} from '../../../../src/model/compare/compare';

/** Numbers that are the same on every machine. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0 to `below`, exclusive. */
  roll(below: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * below);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.roll(256));
  }
}

/** Counts what is read of a file in memory. */
export class CountedSource implements ByteSource {
  reads = 0;
  readonly #memory: MemorySource;

  constructor(
    readonly name: string,
    readonly bytes: Uint8Array,
  ) {
    this.#memory = new MemorySource(name, bytes);
  }

  get size(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    this.reads += 1;
    return this.#memory.read(offset, length);
  }

  readInto(offset: number, target: Uint8Array): void {
    this.reads += 1;
    this.#memory.readInto(offset, target);
  }

  close(): void {
    this.#memory.close();
  }
}

/** A storage that lies in a file as it is. */
export function storageIn(
  source: ByteSource,
  offset: number,
  bytes: number,
  crc32: number | null = null,
): Storage {
  return {
    ...{ bytes, crc32, place: { source, offset } },
    readInto: (at, target) => {
      source.readInto(offset + at, target);
    },
  };
}

/** A storage with these bytes alone. */
export function storageOf(bytes: Uint8Array, crc32: number | null = null): Storage {
  return storageIn(new MemorySource('memory.pt', bytes), 0, bytes.length, crc32);
}

/** The same content, which has to be unpacked first. */
export function packedStorage(storage: Storage): Storage {
  return {
    ...{ bytes: storage.bytes, crc32: storage.crc32, place: null },
    readInto: (at, target) => {
      storage.readInto(at, target);
    },
  };
}

export function tensor(
  name: string,
  dtype: Dtype,
  shape: readonly number[],
  storage: Storage,
  more: Partial<StoredTensor> = {},
): StoredTensor {
  const module = name.replace(/[./]?[^./]*$/, '');
  return {
    ...{ name, kind: 'parameter', module, type: '', dtype, shape },
    ...{ storage, offset: 0, strides: null },
    ...more,
  };
}

/** Float32 numbers in a row. */
export function floats(name: string, ...numbers: number[]): StoredTensor {
  const bytes = new Uint8Array(Float32Array.from(numbers).buffer);
  return tensor(name, 'float32', [numbers.length], storageOf(bytes));
}

export function model(
  tensors: readonly StoredTensor[],
  more: Partial<StoredModel> = {},
): StoredModel {
  return { name: 'model', className: '', tensors, ...more };
}

export function checkpoint(
  models: readonly StoredModel[],
  more: Partial<Checkpoint> = {},
): Checkpoint {
  return {
    ...{ format: 'torch', framework: 'pytorch', files: [], bytes: 0, models, warnings: [] },
    epoch: null,
    close: () => undefined,
    ...more,
  };
}

/** Compares files of one model each, `a.pt`, `b.pt`, … */
export function compareTensors(
  files: readonly (readonly StoredTensor[])[],
  options: Partial<CompareOptions> = {},
): Comparison {
  const opened = files.map((tensors, at): OpenedCheckpoint => ({
    path: `${String.fromCharCode(97 + at)}.pt`,
    checkpoint: checkpoint([model(tensors)]),
  }));
  return compareCheckpoints(opened, { config: null, inspection: null, ...options });
}

export function allTensors({ models }: Comparison): readonly ComparedTensor[] {
  return models.flatMap(({ tensors }) => tensors);
}

/** The verdicts of a comparison by the tensor's name. */
export function verdictsOf(comparison: Comparison): Record<string, unknown[]> {
  return Object.fromEntries(
    allTensors(comparison).map(({ name, pairs }) => [name, pairs.map(({ verdict }) => verdict)]),
  );
}

/** A tensor of random bytes in a storage of its own. */
export function randomTensor(
  dice: Dice,
  dtype: Dtype,
  elements: number,
): { readonly bytes: Uint8Array; readonly tensor: StoredTensor } {
  const bytes = dice.bytes(bytesOf(dtype, elements));
  return { bytes, tensor: tensor('x', dtype, [elements], storageOf(bytes)) };
}
