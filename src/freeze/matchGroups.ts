import { matchingRules, type RuleConditions } from './match';
import type { NamedModel } from './tensor';

/** The tensors of a model that the same rules match. */
export interface MatchGroup {
  /** Ascending indices. */
  readonly rules: readonly number[];
  /** Ascending indices into `model.tensors`. */
  readonly tensors: readonly number[];
}

interface Known {
  readonly rules: readonly RuleConditions[];
  readonly groups: readonly MatchGroup[];
}

/** By the last rules only: an edit brings new ones. */
const known = new WeakMap<NamedModel, Known>();

/** The tensors of a model by the set of rules that match them; those without any are one group. */
export function matchGroups(
  rules: readonly RuleConditions[],
  model: NamedModel,
): readonly MatchGroup[] {
  const last = known.get(model);
  if (last?.rules === rules) return last.groups;
  const groups = new Map<string, { rules: readonly number[]; tensors: number[] }>();
  matchingRules(rules, model).forEach((matching, tensor) => {
    const key = matching.join();
    const group = groups.get(key);
    if (group) group.tensors.push(tensor);
    else groups.set(key, { rules: matching, tensors: [tensor] });
  });
  const found = [...groups.values()];
  known.set(model, { rules, groups: found });
  return found;
}
