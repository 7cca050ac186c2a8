import type { NamedModel, NamedTensor } from '../freeze/tensor';

/** A tensor as the tree and the report show it. */
export interface TensorInfo extends NamedTensor {
  /** The framework's name of the element type, without prefix: `float32`, `int64`, `bfloat16`. */
  readonly dtype: string;
  /** Sizes of the dimensions; empty for a scalar. */
  readonly shape: readonly number[];
}

export interface ModelInfo extends NamedModel<TensorInfo> {
  /** Set when this model is a copy of another (EMA, reloaded best): its name. */
  readonly copyOf?: string | undefined;
}

/** What one look at the user's command or at a checkpoint file told of its models. */
export interface Inspection {
  readonly version: 1;
  /** `tensorflow.js`, `pytorch`, or the format of the file it was read from. */
  readonly framework: string;
  /** Where the names come from: the command, or the path of the file relative to the folder. */
  readonly source: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly models: readonly ModelInfo[];
}
