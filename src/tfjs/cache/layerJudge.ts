import type { Rule } from '../../freeze/config';
import { leafWeights } from '../leafLayers';
import type { ModelRegistry } from '../modelRegistry';
import type { TfLayer, TfVariable } from '../tfjsTypes';
import type { WatchedTensor } from '../trackedModel';
import { thawIn, type Window } from './frozenThrough';
import type { KnownLayers } from './knownLayers';
import type { LayerVerdict } from './prefix';

/** Judges layers by what they are and by the rules that freeze their weights. */
export class LayerJudge {
  constructor(
    private readonly known: KnownLayers,
    private readonly registry: ModelRegistry,
    private readonly rules: readonly Rule[],
  ) {}

  /** @param window the epochs in which the layer must not change */
  judge(layer: TfLayer, window: Window): LayerVerdict {
    const reason = this.known.changes(layer);
    if (reason !== null) return { fixed: false, reason };
    const weights = leafWeights({ layers: [layer] });
    for (const { weight } of weights) {
      const open = this.thaws(weight.val, weight.originalName, window);
      if (open !== null) return { fixed: false, reason: open };
    }
    return { fixed: true, weighted: weights.length > 0 };
  }

  /** The tensors that the layers hold, each once. */
  tensorsOf(layers: readonly TfLayer[]): readonly WatchedTensor[] {
    const weights = leafWeights({ layers });
    return [...new Set(weights.flatMap(({ weight }) => this.registry.watched(weight.val) ?? []))];
  }

  private thaws(variable: TfVariable, fallback: string, window: Window): string | null {
    const tensor = this.registry.watched(variable);
    const name = tensor?.homes[0]?.info.name ?? fallback;
    const spans = tensor?.spans ?? [];
    if (spans.length === 0) return `no rule freezes ${name}`;
    const thaw = thawIn(spans, window);
    if (thaw === null) return null;
    const rule = thaw.rule === null ? undefined : this.rules[thaw.rule];
    return rule === undefined
      ? `${name} is not frozen in epoch ${thaw.epoch}`
      : `${name} thaws in epoch ${thaw.epoch}, after the rule ${rule.text}`;
  }
}
