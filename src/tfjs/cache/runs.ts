import { isBag, type Bag, type Method, type TfTensor } from '../tfjsTypes';
import type { TrackedModel } from '../trackedModel';
import { DeliveredBatch, IndexedBatch, type Gather, type Tensor1d } from './batches';
import type { DataTensor, GraphModel } from './graph';
import type { ModelCache } from './modelCache';
import { standIn } from './standIn';
import type { Tables } from './tables';

/** What the cache touches of a model that trains. */
export interface TrainedModel extends GraphModel {
  testFunction: Method | null;
  makeTrainFunction(): Method;
  makeTestFunction(): void;
  standardizeUserDataXY(x: unknown, y: unknown, ...rest: unknown[]): [DataTensor[], TfTensor[]];
}

/** tfjs-core's functions that a step needs. */
export interface Core {
  readonly gather: Gather;
  readonly tensor1d: Tensor1d;
}

/** A training under way: what stands in for the model, and what is to be done in the end. */
export interface Run {
  readonly model: GraphModel;
  finish(): void;
}

/**
 * `fit` on tensors: it gets the numbers of the samples in place of the samples, shuffles, splits
 * and slices them as it would the samples, and each step looks up what it needs.
 */
export class IndexedRun implements Run {
  readonly model: GraphModel;
  private readonly sets: { readonly from: number; readonly whole: readonly DataTensor[] }[] = [];
  /** What standardizing made beside the script's own tensors. */
  private readonly made: DataTensor[] = [];
  private next = 0;
  private readonly compared = new Map<object, number>();

  constructor(
    real: TrainedModel,
    private readonly tracked: TrackedModel,
    private readonly cache: ModelCache,
    private readonly tables: Tables,
    private readonly core: Core,
  ) {
    this.model = standIn(real, {
      ...stepsOf(real, (kind, data, whole) => this.step(kind, data, whole)),
      standardizeUserDataXY: (x: unknown, y: unknown, ...rest: unknown[]): unknown => {
        const [inputs, targets] = real.standardizeUserDataXY(x, y, ...rest);
        return [[this.numbers(inputs, x)], targets];
      },
    });
  }

  finish(): void {
    this.cache.finish();
    for (const tensor of this.made) if (!tensor.isDisposed) tensor.dispose();
  }

  private numbers(whole: readonly DataTensor[], given: unknown): TfTensor {
    const scripts = new Set<unknown>([given, ...(isBag(given) ? Object.values(given) : [])]);
    this.made.push(...whole.filter((tensor) => !scripts.has(tensor)));
    const count = whole[0]?.shape[0] ?? 0;
    const from = this.next;
    this.next += count;
    this.sets.push({ from, whole });
    return this.core.tensor1d(
      Int32Array.from({ length: count }, (_, at) => from + at),
      'int32',
    );
  }

  private step(kind: 'train' | 'test', data: readonly TfTensor[], whole: Method): unknown {
    const [numbers, ...rest] = data;
    const rows = Int32Array.from(numbers?.dataSync() as Int32Array);
    const set = this.sets.findLast(({ from }) => from <= (rows[0] ?? 0));
    const inputs = set?.whole ?? [];
    for (let at = 0; at < rows.length; at++) rows[at] = (rows[at] ?? 0) - (set?.from ?? 0);
    const { gather, tensor1d } = this.core;
    const batch = new IndexedBatch(inputs, rows, gather, tensor1d);
    return this.cache.step(
      kind,
      () => batch,
      (key, cut) => this.tables.forTensors(inputs, key, cut, this.isNewEpoch(inputs)),
      rest,
      () => {
        const { tensors } = batch.inputs(
          inputs.map((_, at) => at),
          null,
        );
        try {
          return whole([...tensors, ...rest]);
        } finally {
          for (const tensor of tensors) tensor.dispose();
        }
      },
    );
  }

  private isNewEpoch(inputs: object): boolean {
    const { epoch } = this.tracked;
    if (this.compared.get(inputs) === epoch) return false;
    this.compared.set(inputs, epoch);
    return true;
  }
}

/** `fitDataset` and `trainOnBatch`: samples come as they are and are known by their bytes. */
export class DeliveredRun implements Run {
  readonly model: GraphModel;

  constructor(
    private readonly real: TrainedModel,
    private readonly tracked: TrackedModel,
    private readonly cache: ModelCache,
    private readonly tables: Tables,
    private readonly core: Core,
  ) {
    this.model = standIn(
      real,
      stepsOf(real, (kind, data, whole) => this.step(kind, data, whole)),
    );
  }

  finish(): void {
    // Nothing was made.
  }

  private step(kind: 'train' | 'test', data: readonly TfTensor[], whole: Method): unknown {
    const count = this.real.inputs.length;
    const { gather, tensor1d } = this.core;
    return this.cache.step(
      kind,
      () => new DeliveredBatch(data.slice(0, count), gather, tensor1d),
      (key) => this.tables.forModel(this.tracked, key),
      data.slice(count),
      () => whole(data),
    );
  }
}

type Step = (kind: 'train' | 'test', data: readonly TfTensor[], whole: Method) => unknown;

/** What makes the steps of a stand-in. @param step gets the real model's step as `whole` */
function stepsOf(real: TrainedModel, step: Step): Bag {
  return {
    testFunction: null,
    makeTrainFunction: (): Method => {
      const whole = real.makeTrainFunction();
      return (data) => step('train', data as TfTensor[], whole);
    },
    makeTestFunction(this: { testFunction: Method | null }): void {
      real.makeTestFunction();
      const whole = real.testFunction as Method;
      this.testFunction = (data) => step('test', data as TfTensor[], whole);
    },
  };
}
