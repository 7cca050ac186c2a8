import { isInput, type GraphTensor } from './graph';
import type { TfLayer } from '../tfjsTypes';

/** What is known of one layer: whether its output for a sample stays the same in every epoch. */
export type LayerVerdict =
  | { readonly fixed: true; readonly weighted: boolean }
  | { readonly fixed: false; readonly reason: string };

/** Where a model is cut: what lies before it need be computed only once for each sample. */
export interface Prefix {
  readonly kind: 'prefix';
  /** Outputs of the prefix that the rest of the model needs. */
  readonly features: readonly GraphTensor[];
  /** Inputs of the model that the rest still needs as they are. */
  readonly raw: readonly GraphTensor[];
  /** Inputs of the model that the features are computed from. */
  readonly sources: readonly GraphTensor[];
  /** The layers of the prefix, without inputs, in the order in which they run. */
  readonly layers: readonly TfLayer[];
}

/** @param reason as a sentence without a full stop */
export type NoPrefix = { readonly kind: 'none'; readonly reason: string };

/**
 * Finds the longest prefix of a layer graph. A tensor belongs to it when its layer is fixed and
 * all that the layer is applied to belongs to it, each use of a shared layer on its own. It is
 * worth keeping when a layer with weights lies before it; what is not is computed again.
 * @param outputs of the model
 * @param judge is asked once for each layer
 */
export function findPrefix(
  outputs: readonly GraphTensor[],
  judge: (layer: TfLayer) => LayerVerdict,
): Prefix | NoPrefix {
  const graph = new Graph(judge);
  const features = new Set<GraphTensor>();
  const raw = new Set<GraphTensor>();
  walk(outputs, (tensor) => {
    if (graph.standing(tensor) === 'worth') features.add(tensor);
    else if (isInput(tensor)) raw.add(tensor);
    else return true;
    return false;
  });
  if (features.size === 0) return { kind: 'none', reason: graph.blocker ?? NO_WEIGHTS };
  const sources = new Set<GraphTensor>();
  const layers = new Set<TfLayer>();
  walk(
    [...features],
    (tensor) => {
      if (isInput(tensor)) sources.add(tensor);
      return !isInput(tensor);
    },
    ({ sourceLayer }) => layers.add(sourceLayer),
  );
  return {
    kind: 'prefix',
    features: [...features],
    raw: [...raw],
    sources: [...sources],
    layers: [...layers],
  };
}

const NO_WEIGHTS = 'no layer with frozen weights comes first';

/** `open`: changes from epoch to epoch; `fixed`: does not; `worth`: nor is it cheap to compute. */
type Standing = 'open' | 'fixed' | 'worth';

class Graph {
  /** Why the first layer that ends the prefix does not belong to it. */
  blocker: string | null = null;
  private readonly standings = new Map<GraphTensor, Standing>();
  private readonly verdicts = new Map<TfLayer, LayerVerdict>();

  constructor(private readonly judge: (layer: TfLayer) => LayerVerdict) {}

  standing(tensor: GraphTensor): Standing {
    let standing = this.standings.get(tensor);
    if (standing === undefined) {
      standing = this.find(tensor);
      this.standings.set(tensor, standing);
    }
    return standing;
  }

  private find(tensor: GraphTensor): Standing {
    if (isInput(tensor)) return 'fixed';
    const before = tensor.inputs.map((input) => this.standing(input));
    if (before.includes('open')) return 'open';
    const verdict = this.verdictOf(tensor.sourceLayer);
    if (verdict.fixed) return verdict.weighted || before.includes('worth') ? 'worth' : 'fixed';
    this.blocker ??= verdict.reason;
    return 'open';
  }

  private verdictOf(layer: TfLayer): LayerVerdict {
    const known = this.verdicts.get(layer) ?? this.judge(layer);
    this.verdicts.set(layer, known);
    return known;
  }
}

/** Visits each tensor before `starts` once; `enter` tells whether to go on to its inputs. */
function walk(
  starts: readonly GraphTensor[],
  enter: (tensor: GraphTensor) => boolean,
  leave: (tensor: GraphTensor) => void = () => undefined,
): void {
  const seen = new Set<GraphTensor>();
  const visit = (tensor: GraphTensor): void => {
    if (seen.has(tensor)) return;
    seen.add(tensor);
    if (!enter(tensor)) return;
    for (const input of tensor.inputs) visit(input);
    leave(tensor);
  };
  for (const start of starts) visit(start);
}
