import type { NamedModel, NamedTensor } from './tensor';

/** A layer that normalises by statistics of the data it has seen. */
export interface NormLayer {
  /** Name of its model. */
  readonly model: string;
  readonly module: string;
  /** Its class. */
  readonly type: string;
  readonly statistics: readonly string[];
  /** Scale and shift, which an optimizer moves. */
  readonly affine: readonly string[];
}

/** `running_mean` of PyTorch, `moving_variance` of TensorFlow.js. */
const STATISTIC = /(?:^|[./])(?:running|moving)_(?:mean|var|variance)$/;
const TYPE = /BatchNorm/;

/**
 * The layers of a model that are BatchNorm by their class, or keep running statistics, in the order
 * of the model's tensors: that in which the layers were made, which is as a rule the forward order.
 */
export function normLayers({ name: model, tensors }: NamedModel): readonly NormLayer[] {
  const byModule = new Map<string, NamedTensor[]>();
  for (const tensor of tensors) {
    const known = byModule.get(tensor.module);
    if (known === undefined) byModule.set(tensor.module, [tensor]);
    else known.push(tensor);
  }
  return [...byModule.entries()].flatMap(([module, own]) => {
    const type = own[0]?.type ?? '';
    const keeps = own.some(({ kind, name }) => kind === 'statistic' && STATISTIC.test(name));
    if (!keeps && !TYPE.test(type)) return [];
    const names = (kind: NamedTensor['kind']): readonly string[] =>
      own.filter((tensor) => tensor.kind === kind).map(({ name }) => name);
    return [{ model, module, type, statistics: names('statistic'), affine: names('parameter') }];
  });
}

/** What the layers of a model hold, from the first to one of them. */
export interface EarlyTensors {
  /** How many layers these are. */
  readonly layers: number;
  readonly statistics: readonly string[];
  readonly affine: readonly string[];
}

/** The tensors of `last` and of all layers of its model that come before it in `layers`. */
export function earlyTensors(layers: readonly NormLayer[], last: NormLayer): EarlyTensors {
  const early = layers
    .slice(0, layers.indexOf(last) + 1)
    .filter(({ model }) => model === last.model);
  return {
    layers: early.length,
    statistics: early.flatMap(({ statistics }) => statistics),
    affine: early.flatMap(({ affine }) => affine),
  };
}
