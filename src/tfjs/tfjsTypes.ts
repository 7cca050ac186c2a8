/**
 * What the hook touches of TensorFlow.js 1.x to 4.x, as narrow structural types: the user's own
 * copy of the library is patched, so none of its types can be imported.
 */

export interface TfTensor {
  readonly id: number;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly isDisposed: boolean;
  readonly rank: number;
  data(): Promise<unknown>;
  dataSync(): unknown;
  dispose(): void;
}

/** tfjs-core's `Variable`: what an optimizer assigns to. */
export interface TfVariable extends TfTensor {
  readonly name: string;
  trainable: boolean;
  assign(value: TfTensor): void;
}

/** tfjs-layers' `LayerVariable`: a named weight of a layer around a `Variable`. */
export interface TfWeight {
  readonly originalName: string;
  readonly val: TfVariable;
  trainable: boolean;
}

export interface TfLayer {
  readonly name: string;
  readonly _trainableWeights: readonly TfWeight[];
  readonly _nonTrainableWeights: readonly TfWeight[];
  getClassName(): string;
}

export interface TfContainer extends TfLayer {
  readonly layers: readonly TfLayer[];
}

/** A `LayersModel`, or a `Sequential` with the `LayersModel` it wraps in `model`. */
export interface TfModel extends TfContainer {
  readonly model?: TfModel | null;
  readonly collectedTrainableWeights?: readonly TfWeight[] | null;
  readonly trainableWeights: readonly TfWeight[];
  readonly isTraining?: boolean;
}

export interface TfBatchNormalization extends TfLayer {
  readonly movingMean?: TfWeight;
  readonly movingVariance?: TfWeight;
}

export interface TfGradients {
  readonly value: TfTensor;
  readonly grads: Record<string, TfTensor | null>;
}

export type NamedGradient = { readonly name: string; readonly tensor: TfTensor | null | undefined };
export type GradientList = readonly NamedGradient[] | Record<string, TfTensor | null | undefined>;

/** Numbers such as `learningRate` and tensors such as `c` are read by name when it is cloned. */
export interface TfOptimizer {
  readonly constructor: unknown;
  applyGradients(gradients: GradientList): void;
  getConfig?(): unknown;
  getClassName?(): string;
}

export interface TfEngine {
  readonly registeredVariables: Readonly<Record<string, TfVariable>>;
  readonly backendName?: string | null;
  readonly backend?: { readonly isUsingGpuDevice?: boolean };
  tidy<T>(action: () => T): T;
  gradients(
    loss: () => TfTensor,
    variables: readonly TfVariable[],
    dy?: TfTensor | null,
    allowNoGradients?: boolean,
  ): { readonly value: TfTensor; readonly grads: readonly (TfTensor | null | undefined)[] };
}

export interface TfCallbackList {
  readonly callbacks?: readonly unknown[];
}

/** What `fit` and `fitDataset` tell their callbacks. */
export interface FitParams {
  readonly epochs?: number | null;
  readonly initialEpoch?: number | null;
  readonly samples?: number | null;
  readonly batchSize?: number | null;
  readonly steps?: number | null;
}

export interface TfDataset {
  iterator(): Promise<TfIterator>;
}

export interface TfIterator {
  next(): Promise<{ readonly done: boolean; readonly value: unknown }>;
}

/** Any method of the library, as a patch sees it. */
export type Method = (this: unknown, ...args: unknown[]) => unknown;
/** Any object of the library, as long as nothing is known of it. */
export type Bag = Record<string, unknown>;

/** Whether `value` has properties that can be read by name. */
export function isBag(value: unknown): value is Bag {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Whether `value` is a layer (or model) of any copy of tfjs-layers. */
export function isLayer(value: unknown): value is TfLayer {
  return (
    isBag(value) &&
    Array.isArray(value['_trainableWeights']) &&
    typeof value['getClassName'] === 'function'
  );
}

/** Whether the layer is a model of layers: a LayersModel or Sequential, nested or not. */
export function isContainer(layer: TfLayer): layer is TfContainer {
  return Array.isArray((layer as Partial<TfContainer>).layers) && 'outputs' in layer;
}

/** Whether `value` is a `tf.Variable` of any copy of tfjs-core. */
export function isVariable(value: unknown): value is TfVariable {
  return (
    isBag(value) && typeof value['assign'] === 'function' && typeof value['dataSync'] === 'function'
  );
}

/** Whether `value` is a `tf.Tensor` of any copy of tfjs-core. */
export function isTensor(value: unknown): value is TfTensor {
  return isBag(value) && typeof value['dataSync'] === 'function' && 'dtype' in value;
}
