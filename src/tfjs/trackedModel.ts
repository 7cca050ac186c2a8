import type { FrozenSpan } from '../freeze/plan';
import type { NamedModel } from '../freeze/tensor';
import type { TensorInfo } from '../model/inspection';
import type { Cause, EventOf } from '../runs/events';
import type { Reference } from './references';
import type { TfModel, TfVariable } from './tfjsTypes';

export type Clock = EventOf<'epoch-started'>['clock'];
export type NormalizationMode = 'running' | 'batch' | 'mixed';

/** The epoch that a model is in. */
export interface OpenEpoch {
  readonly clock: Clock;
  /** Reading of `performance.now()` when it began. */
  readonly startedAt: number;
  /** Faults of the hook until then. */
  readonly faultsBefore: number;
  steps: number;
  /** Batches in this epoch; null when nobody knows. */
  readonly batches: number | null;
  /** How each BatchNormalization layer normalised, by module. */
  readonly normalization: Map<string, NormalizationMode>;
}

/** A model that trains, or may: what the events of its name report. */
export class TrackedModel {
  /** The last epoch that began, counted from 1; 0 before the first. */
  epoch = 0;
  open: OpenEpoch | null = null;
  /** The best clock seen so far for loops written by hand. */
  rung: Extract<Clock, 'dataset' | 'evaluate' | 'steps'> = 'steps';
  /** Whether the `model` event of its present tensors is written and references are taken. */
  prepared = false;
  tensors: readonly { readonly info: TensorInfo; readonly tensor: WatchedTensor }[] = [];
  matched: readonly number[] = [];
  /** Whether a step or an assignment to a frozen tensor came after the last verification. */
  touched = false;

  constructor(
    /** Unique in this process. */
    readonly name: string,
    /** The name that rules see: models made again under one name all have it. */
    readonly ownName: string,
    readonly className: string,
    /** Null for the variables of a script that builds on tfjs-core alone. */
    readonly source: TfModel | null,
  ) {}

  /** The model as rules address it. */
  named(): NamedModel<TensorInfo> {
    return {
      name: this.ownName,
      className: this.className,
      tensors: this.tensors.map(({ info }) => info),
    };
  }

  /** Whether `fit` or `fitDataset` is running on it. */
  isFitting(): boolean {
    return (this.source?.model?.isTraining ?? this.source?.isTraining) === true;
  }

  /** The variables that the script itself would train. */
  trainedByScript(): ReadonlySet<TfVariable> {
    if (this.source === null) {
      const variables = this.tensors.map(({ tensor }) => tensor.variable);
      return new Set(variables.filter((variable) => variable.trainable));
    }
    const { model, collectedTrainableWeights, trainableWeights } = this.source;
    const weights = (model ?? this.source).collectedTrainableWeights ?? collectedTrainableWeights;
    return new Set((weights ?? trainableWeights).map((weight) => weight.val));
  }
}

/** A variable that belongs to one or more models, with what is known of it in this process. */
export interface WatchedTensor {
  readonly variable: TfVariable;
  /** The models that hold it, each with the name that it has there. */
  readonly homes: { readonly model: TrackedModel; readonly info: TensorInfo }[];
  /** Indices of the rules that match it under any of its names. */
  readonly matching: Set<number>;
  spans: readonly FrozenSpan[];
  /** Whether it is frozen in the epoch that its model is in. */
  frozen: boolean;
  /** Names the epoch in which it was last thawed; null when it has trained from the start. */
  thawed: string | null;
  reference: Reference | null;
  /** What made it differ from its reference, as far as an assignment was seen. */
  cause: Cause | null;
  /** What the script loaded into it since the last verification. */
  rebased: Cause | null;
  /** Whether the engine was seen to dispose it. */
  disposed: boolean;
}

/** Whether the script has disposed it; `tf.disposeVariables()` does not tell the variable itself. */
export function isDisposed({ variable, disposed }: WatchedTensor): boolean {
  return disposed || variable.isDisposed;
}

/** Whether a rule freezes it in some epoch, so that optimizers see no more of it than a null. */
export function isManaged(tensor: WatchedTensor | undefined): tensor is WatchedTensor {
  return tensor !== undefined && tensor.spans.length > 0;
}
