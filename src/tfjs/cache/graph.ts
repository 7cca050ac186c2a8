import type { TfLayer, TfModel, TfTensor } from '../tfjsTypes';

/** tfjs-layers' `SymbolicTensor`: what flows between two layers of a model. */
export interface GraphTensor {
  readonly id: number;
  /** Unique in the process: the executor goes by it. */
  readonly name: string;
  readonly sourceLayer: TfLayer;
  /** What the layer was applied to; empty for an input of the model. */
  readonly inputs: readonly GraphTensor[];
}

/** What the cache touches of a `LayersModel`; a `Sequential` holds one in `model`. */
export interface GraphModel extends TfModel {
  readonly inputs: readonly GraphTensor[];
  readonly outputs: readonly GraphTensor[];
}

/** A tensor with the identity of its contents, which reshaped copies share. */
export interface DataTensor extends TfTensor {
  readonly dataId: object;
}

/** Whether the layer only stands for an input of the model. */
export function isInput({ sourceLayer, inputs }: GraphTensor): boolean {
  return inputs.length === 0 || sourceLayer.getClassName() === 'InputLayer';
}
