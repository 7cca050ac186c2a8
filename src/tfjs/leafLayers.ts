import {
  isContainer,
  isLayer,
  type Bag,
  type TfLayer,
  type TfModel,
  type TfWeight,
} from './tfjsTypes';
import type { TensorKind } from '../freeze/tensor';

/** A weight with the layer that made it. */
export interface LeafWeight {
  readonly weight: TfWeight;
  readonly kind: TensorKind;
  /** Names of the models around the layer, without the outermost one. */
  readonly models: readonly string[];
  /** Names of the layers around the weight below those models; the owner is the last. */
  readonly layers: readonly string[];
  /** Whether the owner is a part of a custom layer, which names its weights as it likes. */
  readonly isPart: boolean;
  /** Class of the owning layer; of the recurrent layer for the cell that it made itself. */
  readonly type: string;
}

/** Back-references and graph bookkeeping of tfjs-layers: nothing below them is a sub-layer. */
const NOT_BELOW: ReadonlySet<string> = new Set([
  'inboundNodes',
  'outboundNodes',
  'inputLayers',
  'outputLayers',
  'model',
]);

const OUTSIDE: Place = { models: [], layers: [], isPart: false };

/** Where tfjs-layers' own wrappers and recurrent layers keep the layers that they wrap. */
const WRAPPED = ['layer', 'forwardLayer', 'backwardLayer', 'cell', 'cells'];

const RECURRENT: ReadonlySet<string> = new Set(['LSTM', 'GRU', 'SimpleRNN', 'ConvLSTM2D']);

/**
 * The weights of a model, layer by layer, also those inside nested models, wrappers, recurrent
 * cells and custom layers made of other layers. By construction: the current `trainable` flags
 * change nothing. A weight that is reached twice is listed twice, so that it gets both names.
 */
export function leafWeights(model: Pick<TfModel, 'layers'>): readonly LeafWeight[] {
  const found: LeafWeight[] = [];
  for (const layer of model.layers) collect(layer, OUTSIDE, found, new Set());
  return found;
}

interface Place {
  readonly models: readonly string[];
  readonly layers: readonly string[];
  readonly isPart: boolean;
}

function collect(layer: TfLayer, place: Place, found: LeafWeight[], above: Set<TfLayer>): void {
  if (above.has(layer)) return;
  above.add(layer);
  if (isContainer(layer)) {
    const models = [...place.models, ...place.layers, layer.name];
    for (const child of layer.layers) collect(child, { ...OUTSIDE, models }, found, above);
  } else {
    const layers = [...place.layers, layer.name];
    for (const [kind, weights] of [
      ['parameter', layer._trainableWeights],
      ['statistic', layer._nonTrainableWeights],
    ] as const) {
      for (const weight of weights) {
        found.push({ ...place, weight, kind, layers, type: layer.getClassName() });
      }
    }
    const isWrapper = WRAPPED.some((key) => key in layer);
    for (const child of subLayers(layer)) {
      if (isOwnCell(layer, child)) collectCell(layer, child, place, found);
      else collect(child, { ...place, layers, isPart: place.isPart || !isWrapper }, found, above);
    }
  }
  above.delete(layer);
}

/** The layers that a layer keeps in its properties, in the order in which it made them. */
function subLayers(layer: TfLayer): readonly TfLayer[] {
  const below = new Set<TfLayer>();
  for (const [key, value] of Object.entries(layer as unknown as Bag)) {
    if (NOT_BELOW.has(key)) continue;
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (isLayer(each)) below.add(each);
    }
  }
  return [...below];
}

function isOwnCell(layer: TfLayer, child: TfLayer): boolean {
  return RECURRENT.has(layer.getClassName()) && child === (layer as { cell?: unknown }).cell;
}

/** To the user, the weights of an LSTM layer's cell are the layer's. */
function collectCell(layer: TfLayer, cell: TfLayer, place: Place, found: LeafWeight[]): void {
  const at = {
    ...place,
    layers: [...place.layers, layer.name],
    type: layer.getClassName(),
  };
  for (const weight of cell._trainableWeights) found.push({ weight, kind: 'parameter', ...at });
  for (const weight of cell._nonTrainableWeights) found.push({ weight, kind: 'statistic', ...at });
}
