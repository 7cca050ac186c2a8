import { createHash } from 'node:crypto';
import type { ModelRegistry } from '../modelRegistry';
import type { Method, TfLayer, TfTensor } from '../tfjsTypes';
import type { WatchedTensor } from '../trackedModel';
import type { GraphModel, GraphTensor } from './graph';
import type { Prefix } from './prefix';
import { standIn } from './standIn';

interface Trainer extends GraphModel {
  makeTrainFunction(): Method;
  makeTestFunction(): void;
  testFunction: Method | null;
  predictLoop(inputs: readonly TfTensor[], batchSize: number): TfTensor | TfTensor[];
}

/** A model cut behind its prefix: the two parts, each run by the model's own methods. */
export class Cut {
  /** Tells the place of the cut and all that lies before it, except for weights. */
  readonly signature: string;
  /** Positions among the model's inputs of those that the prefix needs, and the rest. */
  readonly sources: readonly number[];
  readonly raw: readonly number[];
  private readonly first: Trainer;
  private trainRest: Method | null = null;
  private testRest: Method | null = null;

  /** @param tensors the weights and statistics of the prefix */
  constructor(
    readonly model: GraphModel,
    readonly prefix: Prefix,
    readonly tensors: readonly WatchedTensor[],
    private readonly registry: ModelRegistry,
  ) {
    const names = (list: readonly GraphTensor[]): string => list.map(({ name }) => name).join();
    this.signature = `${names(prefix.features)} | ${names(prefix.raw)} | ${topologyOf(prefix)}`;
    const positions = (list: readonly GraphTensor[]): number[] =>
      list.map((input) => model.inputs.indexOf(input));
    this.sources = positions(prefix.sources);
    this.raw = positions(prefix.raw);
    this.first = standIn(model, { inputs: prefix.sources, outputs: prefix.features }) as Trainer;
  }

  /** Computes the features of a batch, as new tensors. */
  features(sources: readonly TfTensor[]): TfTensor[] {
    const [first] = sources;
    if (first === undefined) return [];
    return [this.first.predictLoop(sources, first.shape[0] ?? 1)].flat();
  }

  /** One optimizer step of the rest. @param data features, raw inputs, targets, sample weights */
  train(data: readonly TfTensor[]): unknown {
    this.trainRest ??= this.rest().makeTrainFunction();
    return this.trainRest(data);
  }

  /** Losses and metrics of a batch. @param data features, raw inputs, targets */
  test(data: readonly TfTensor[]): unknown {
    if (this.testRest === null) {
      const rest = this.rest();
      rest.makeTestFunction();
      this.testRest = rest.testFunction;
    }
    return this.testRest?.(data);
  }

  private rest(): Trainer {
    const inputs = [...this.prefix.features, ...this.prefix.raw];
    const rest = standIn(this.model, { inputs, testFunction: null }) as Trainer;
    this.registry.wrap(rest, this.registry.outermost(this.model));
    return rest;
  }
}

/** SHA-256 over the layers of a prefix, with all their settings, and how they hang together. */
function topologyOf({ layers, features }: Prefix): string {
  const edges: string[] = [];
  const seen = new Set<GraphTensor>();
  const follow = (tensor: GraphTensor): void => {
    if (seen.has(tensor)) return;
    seen.add(tensor);
    edges.push(`${tensor.name} < ${tensor.inputs.map(({ name }) => name).join()}`);
    tensor.inputs.forEach(follow);
  };
  features.forEach(follow);
  const settings = layers.map((layer) => [
    layer.getClassName(),
    (layer as TfLayer & { getConfig(): unknown }).getConfig(),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([edges, settings]))
    .digest('hex');
}
