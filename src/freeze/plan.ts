import type { Rule } from './config';
import { matchingRules } from './match';
import { frozenSpans, type FrozenSpan, type ModelPlan } from './spans';
import type { NamedModel } from './tensor';

export { checkEffects } from './checkEffects';
export { checkRules } from './checkRules';
export { everythingFrozen } from './everythingFrozen';
export { isFrozenAt, type FrozenSpan, type ModelPlan } from './spans';

/**
 * Resolves the rules against a model. Tensors that the same rules match share their spans.
 *
 * @throws PatternError for a rule that `parseConfig` would have refused
 */
export function planModel(rules: readonly Rule[], model: NamedModel): ModelPlan {
  const matching = matchingRules(rules, model);
  const matched = rules.map(() => 0);
  const spans = new Map<string, readonly FrozenSpan[]>();
  const known = new Map<string, readonly FrozenSpan[]>();
  model.tensors.forEach((tensor, index) => {
    const rulesHere = matching[index] ?? [];
    for (const rule of rulesHere) matched[rule] = (matched[rule] ?? 0) + 1;
    const key = rulesHere.join();
    let spansHere = known.get(key);
    if (!spansHere) known.set(key, (spansHere = frozenSpans(rules, rulesHere)));
    if (spansHere.length > 0) spans.set(tensor.name, spansHere);
  });
  return { model: model.name, spans, matched };
}
