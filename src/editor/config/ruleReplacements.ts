import type { Rule } from '../../freeze/config';
import { matchedTensors, type RuleConditions } from '../../freeze/match';
import { nearestNames } from '../../freeze/nearest';
import { escapePattern } from '../../freeze/pattern';
import type { NamedModel } from '../../freeze/tensor';

const MOST = 3;

/** The editor asks at every move of the cursor, and 100,000 names take a while. */
const known = new WeakMap<readonly NamedModel[], Map<string, readonly string[]>>();

/**
 * Patterns that could have been meant by a rule that matches nothing: the module itself with all
 * below it, then the nearest names of modules and tensors. Empty for a rule that matches, or whose
 * pattern does when its other conditions are left out.
 */
export function ruleReplacements(
  { match }: Pick<Rule, 'match'>,
  models: readonly NamedModel[],
): readonly string[] {
  const results = known.get(models) ?? new Map<string, readonly string[]>();
  known.set(models, results);
  const before = results.get(match);
  if (before) return before;
  const found = matchesAny({ match }, models) ? [] : nearest(match, models);
  results.set(match, found);
  return found;
}

/** Whether a rule matches a tensor of any model. */
export const matchesAny = (rule: RuleConditions, models: readonly NamedModel[]): boolean =>
  models.some((model) => matchedTensors(rule, model).length > 0);

function nearest(match: string, models: readonly NamedModel[]): readonly string[] {
  const tensors = models.flatMap((model) => model.tensors);
  const modules = new Set(tensors.map(({ module }) => module).filter((module) => module !== ''));
  const parts = new Set([...modules].flatMap(withParents));
  const separator = tensors.some(({ name }) => name.includes('/')) ? '/' : '.';
  const below = (module: string): string => `${module}${separator}**`;
  if (parts.has(match)) return [below(escapePattern(match))];
  const patterns = new Set([
    ...Array.from(parts, (module) => below(escapePattern(module))),
    ...tensors.map(({ name }) => escapePattern(name)),
  ]);
  return nearestNames(match, [...patterns], MOST);
}

/** `a.b.c` with `a.b` and `a`. */
function withParents(name: string): readonly string[] {
  const parents = [...name.matchAll(/[./]/g)].map(({ index }) => name.slice(0, index));
  return [name, ...parents];
}
