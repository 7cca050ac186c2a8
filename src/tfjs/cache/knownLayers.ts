import { isContainer, isLayer, type Bag, type TfLayer } from '../tfjsTypes';

/**
 * Layers of TensorFlow.js (1.x to 4.22) whose output for a sample depends on that sample and their
 * weights alone. BatchNormalization is among them because it is held in inference mode while its
 * statistics are frozen. A layer that is not listed is not known to be.
 */
const DETERMINISTIC: ReadonlySet<string> = new Set([
  ...['InputLayer', 'Model', 'Functional', 'Sequential', 'TimeDistributed', 'Bidirectional'],
  ...['Conv1D', 'Conv2D', 'Conv3D', 'Conv2DTranspose', 'Conv3DTranspose', 'SeparableConv2D'],
  ...['DepthwiseConv2D', 'Cropping2D', 'UpSampling2D', 'ZeroPadding2D'],
  ...['MaxPooling1D', 'MaxPooling2D', 'MaxPooling3D'],
  ...['AveragePooling1D', 'AveragePooling2D', 'AveragePooling3D'],
  ...['GlobalAveragePooling1D', 'GlobalAveragePooling2D'],
  ...['GlobalMaxPooling1D', 'GlobalMaxPooling2D'],
  ...['Dense', 'Activation', 'ReLU', 'LeakyReLU', 'PReLU', 'ELU', 'ThresholdedReLU', 'Softmax'],
  ...['Flatten', 'Reshape', 'Permute', 'RepeatVector', 'Embedding'],
  ...['Add', 'Multiply', 'Average', 'Maximum', 'Minimum', 'Concatenate', 'Dot'],
  ...['BatchNormalization', 'LayerNormalization', 'Rescaling', 'CenterCrop', 'Resizing'],
  ...['RNN', 'SimpleRNN', 'SimpleRNNCell', 'GRU', 'GRUCell', 'LSTM', 'LSTMCell'],
  ...['StackedRNNCells', 'ConvLSTM2D', 'ConvLSTM2DCell'],
]);

const RANDOM: ReadonlySet<string> = new Set([
  ...['Dropout', 'SpatialDropout1D', 'GaussianNoise', 'GaussianDropout', 'AlphaDropout'],
  'RandomWidth',
]);

/** Properties in which layers keep the layers that they are made of. */
const PARTS = ['layers', 'layer', 'forwardLayer', 'backwardLayer', 'cell', 'cells'];

/** Knows the layers that come with TensorFlow.js from those of the script. */
export class KnownLayers {
  private readonly genuine = new WeakSet();

  /** @param core where tfjs-layers has just registered its classes, and the script none yet */
  note(core: Bag): void {
    const serialization = core['serialization'] as
      { SerializationMap?: { getMap?: () => { classNameMap?: Bag } } } | undefined;
    const map = serialization?.SerializationMap?.getMap?.().classNameMap ?? {};
    for (const entry of Object.values(map)) {
      const type: unknown = Array.isArray(entry) ? (entry as unknown[])[0] : undefined;
      if (typeof type === 'function') this.genuine.add(type);
    }
  }

  /** Why the layer's output may differ from call to call, or null when it cannot. */
  changes(layer: TfLayer): string | null {
    const type = layer.getClassName();
    const own = layer as unknown as Bag;
    if (RANDOM.has(type)) return `${layer.name} (${type}) draws at random in training`;
    if (!this.isGenuine(layer) || !DETERMINISTIC.has(type)) {
      return `${layer.name} (${type}) is a layer of which it is not known whether its output stays the same`;
    }
    if (Number(own['dropout'] ?? 0) > 0 || Number(own['recurrentDropout'] ?? 0) > 0) {
      return `${layer.name} (${type}) has dropout, which draws at random in training`;
    }
    if (!isContainer(layer) && own['_stateful'] === true) {
      return `${layer.name} (${type}) keeps a state from batch to batch`;
    }
    for (const part of partsOf(layer)) {
      const reason = this.changes(part);
      if (reason !== null) return reason;
    }
    return null;
  }

  /** Why masks may flow through the model, which a cut would lose; null when none do. */
  masks(model: { readonly layers: readonly TfLayer[] }): string | null {
    for (const layer of model.layers) {
      const type = layer.getClassName();
      const own = layer as unknown as Bag;
      const isOwn = own['supportsMasking'] === true && !this.isGenuine(layer);
      if (type === 'Masking' || own['maskZero'] === true || isOwn) {
        return `${layer.name} (${type}) masks steps of a sequence, and a mask is lost where a model is cut`;
      }
      const inner = this.masks({ layers: partsOf(layer) });
      if (inner !== null) return inner;
    }
    return null;
  }

  private isGenuine(layer: TfLayer): boolean {
    return this.genuine.has(layer.constructor) && !Object.hasOwn(layer, 'call');
  }
}

function partsOf(layer: TfLayer): readonly TfLayer[] {
  const own = layer as unknown as Bag;
  return PARTS.flatMap((key) => own[key]).filter(isLayer);
}
