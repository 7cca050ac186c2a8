import type { TfTensor } from '../tfjsTypes';
import type { DataTensor } from './graph';
import { sampleKeys } from './sampleKeys';

/** Of tfjs-core: rows of a tensor along its first axis. */
export type Gather = (tensor: TfTensor, rows: TfTensor) => TfTensor;
/** Of tfjs-core. */
export type Tensor1d = (values: Int32Array, dtype: 'int32') => TfTensor;

/** A batch of samples on its way to a step. */
export interface SampleBatch {
  readonly size: number;
  /** What the features of each sample are found by. @throws when bytes cannot be read */
  keys(sources: readonly number[]): readonly (string | number)[];
  /**
   * Inputs of the model for these samples.
   * @param which positions among the model's inputs
   * @param at which samples; null for all
   */
  inputs(which: readonly number[], at: readonly number[] | null): Borrowed;
}

/** Tensors for the length of a step. */
export interface Borrowed {
  readonly tensors: readonly TfTensor[];
  /** Those among them that were made for it. */
  readonly made: readonly TfTensor[];
}

/** Samples that a dataset delivers: known by their bytes. */
export class DeliveredBatch implements SampleBatch {
  readonly size: number;

  /** @param tensors one for each input of the model */
  constructor(
    private readonly tensors: readonly TfTensor[],
    private readonly gather: Gather,
    private readonly tensor1d: Tensor1d,
  ) {
    this.size = tensors[0]?.shape[0] ?? 0;
  }

  keys(sources: readonly number[]): readonly string[] {
    return sampleKeys(pick(this.tensors, sources));
  }

  inputs(which: readonly number[], at: readonly number[] | null): Borrowed {
    const whole = pick(this.tensors, which);
    if (at === null) return { tensors: whole, made: [] };
    const rows = this.tensor1d(Int32Array.from(at), 'int32');
    const made = whole.map((tensor) => this.gather(tensor, rows));
    rows.dispose();
    return { tensors: made, made };
  }
}

/** Samples of tensors that lie in memory: known by their row. */
export class IndexedBatch implements SampleBatch {
  readonly size: number;

  /**
   * @param whole one tensor for each input of the model, all samples
   * @param rows which of the samples make up the batch
   */
  constructor(
    private readonly whole: readonly DataTensor[],
    private readonly rows: Int32Array,
    private readonly gather: Gather,
    private readonly tensor1d: Tensor1d,
  ) {
    this.size = rows.length;
  }

  keys(): readonly number[] {
    return Array.from(this.rows);
  }

  inputs(which: readonly number[], at: readonly number[] | null): Borrowed {
    const chosen = at === null ? this.rows : Int32Array.from(at, (each) => this.rows[each] ?? 0);
    const rows = this.tensor1d(chosen, 'int32');
    const made = pick(this.whole, which).map((tensor) => this.gather(tensor, rows));
    rows.dispose();
    return { tensors: made, made };
  }
}

function pick<T>(list: readonly T[], which: readonly number[]): T[] {
  return which.map((at) => list[at] as T);
}
