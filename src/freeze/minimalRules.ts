import type { RuleConditions } from './match';
import { ModelCover, type CoveringRule } from './modelCover';
import { escapePattern } from './pattern';
import type { TensorSpace } from './tensorSpace';

/**
 * The fewest rules that together match every needed tensor and nothing outside of the selection:
 * whole modules (`conv1/**`), one kind of a module's tensors, single names, siblings in braces,
 * and, where that saves rules, what has the same last part or the same class in the whole model.
 */
export function minimalRules(
  space: TensorSpace,
  selected: ReadonlySet<number>,
  needed: ReadonlySet<number>,
): RuleConditions[] {
  const rules: CoveringRule[] = [];
  const open = new Set(needed);
  space.models.forEach((_, index) => {
    for (const covering of new ModelCover(space, index, selected).cover(open)) {
      const addressed = addressModel(space, index, covering, selected);
      rules.push(addressed);
      for (const tensor of addressed.tensors) open.delete(tensor);
    }
  });
  return withoutNeedless(rules, needed).map(({ rule }) => rule);
}

/** Leaves out rules whose tensors others cover: a later model's rule may hold in an earlier one. */
function withoutNeedless(
  rules: readonly CoveringRule[],
  needed: ReadonlySet<number>,
): CoveringRule[] {
  const covers = new Map<number, number>();
  for (const tensor of rules.flatMap(({ tensors }) => tensors)) {
    covers.set(tensor, (covers.get(tensor) ?? 0) + 1);
  }
  return rules.filter(({ tensors }) => {
    if (tensors.some((tensor) => needed.has(tensor) && covers.get(tensor) === 1)) return true;
    for (const tensor of tensors) covers.set(tensor, (covers.get(tensor) ?? 0) - 1);
    return false;
  });
}

/** Adds `model` where the rule would match unselected tensors of other models. */
function addressModel(
  space: TensorSpace,
  index: number,
  covering: CoveringRule,
  selected: ReadonlySet<number>,
): CoveringRule {
  const model = space.models[index];
  if (!model || space.models.length === 1) return covering;
  const { rule } = covering;
  const choices = [
    rule,
    { ...rule, model: escapePattern(model.name) },
    { ...rule, model: escapePattern(model.className) },
  ].map((each) => ({ rule: each, tensors: space.matched(each) }));
  return (
    choices.find(({ tensors }) => tensors.every((tensor) => selected.has(tensor))) ??
    choices[1] ??
    covering
  );
}
