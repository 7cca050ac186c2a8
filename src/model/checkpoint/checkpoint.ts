/** What is in a checkpoint file, read without executing anything of it. */
import type { ModelInfo, TensorInfo } from '../inspection';
import type { Dtype } from './dtypes';
import type { ByteSource, SiblingFiles } from './byteSource';

export type CheckpointFormat =
  'safetensors' | 'torch' | 'torch-legacy' | 'tensorflow.js' | 'keras' | 'npz';

/** A stretch of bytes that tensors are views of; tensors that share memory share the object. */
export interface Storage {
  /** Bytes of its content. */
  readonly bytes: number;
  /** CRC-32 that the file itself holds of the whole content; null when it holds none. */
  readonly crc32: number | null;
  /** Where the content lies as it is; null when it has to be decoded (compressed, quantized). */
  readonly place: { readonly source: ByteSource; readonly offset: number } | null;
  /**
   * Fills `target` with content from `offset`.
   * @throws CheckpointError when the file does not hold what it says
   */
  readInto(offset: number, target: Uint8Array): void;
}

/** A tensor with where its bytes are. */
export interface StoredTensor extends TensorInfo {
  readonly dtype: Dtype;
  readonly storage: Storage;
  /** Bytes from the start of the storage to the first element. */
  readonly offset: number;
  /** Elements between neighbours by dimension; null when the elements lie row by row without gaps. */
  readonly strides: readonly number[] | null;
}

export interface StoredModel extends ModelInfo {
  readonly tensors: readonly StoredTensor[];
}

/** Something to know before the file is used: a pickle that would run code, a lying header. */
export interface CheckpointWarning {
  readonly text: string;
  /** The way out; empty when there is none. */
  readonly advice: string;
  /** Bytes from the start of `file`; null when it has no place. */
  readonly offset: number | null;
}

/** An open checkpoint. */
export interface Checkpoint {
  readonly format: CheckpointFormat;
  /** `pytorch`, `tensorflow.js`, `keras`; empty when the format does not tell (safetensors, npz). */
  readonly framework: string;
  /** The file and its shards, as messages show them. */
  readonly files: readonly string[];
  /** Bytes of all files. */
  readonly bytes: number;
  /** EMA copies have `copyOf`. Optimizer state is no model. */
  readonly models: readonly StoredModel[];
  readonly warnings: readonly CheckpointWarning[];
  /** The epoch that the file says it was saved after, as written in it; null when it says none. */
  readonly epoch: number | null;
  close(): void;
}

/** Knows one format. */
export interface CheckpointReader {
  /** Whether a file that begins with `head` (up to 4096 bytes) is of the format. Never throws. */
  matches(head: Uint8Array, source: ByteSource): boolean;
  /**
   * Reads names, shapes and places, not the values. On success the checkpoint owns `source` and
   * every shard that it opened; when it throws it has closed what it opened itself.
   * @throws CheckpointError
   */
  read(source: ByteSource, siblings: SiblingFiles): Checkpoint;
}
