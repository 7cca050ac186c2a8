import type { Rule } from '../../freeze/config';
import { knownNames } from '../../freeze/knownNames';
import { matchedTensors, type RuleConditions } from '../../freeze/match';
import { nearestNames } from '../../freeze/nearest';
import { escapePattern } from '../../freeze/pattern';
import type { NamedModel } from '../../freeze/tensor';

const MOST = 3;

/** All that can be proposed, and what was for a pattern: the editor asks at each move of the cursor. */
interface Known {
  readonly patterns: readonly string[];
  readonly nearest: Map<string, readonly string[]>;
}

const known = new WeakMap<readonly NamedModel[], Known>();

/**
 * Patterns that could have been meant by a rule that matches nothing: the module itself with all
 * below it, then the nearest names of modules and tensors. Empty for a rule that matches, or whose
 * pattern does when its other conditions are left out.
 */
export function ruleReplacements(
  { match }: Pick<Rule, 'match'>,
  models: readonly NamedModel[],
): readonly string[] {
  if (matchesAny({ match }, models)) return [];
  const separator = knownNames(models).modules.get(match);
  if (separator !== undefined) return [`${escapePattern(match)}${separator}**`];
  const { patterns, nearest } = knownPatterns(models);
  const found = nearest.get(match) ?? nearestNames(match, patterns, MOST);
  nearest.set(match, found);
  return found;
}

/** Whether a rule matches a tensor of any model. */
export const matchesAny = (rule: RuleConditions, models: readonly NamedModel[]): boolean =>
  models.some((model) => matchedTensors(rule, model).length > 0);

function knownPatterns(models: readonly NamedModel[]): Known {
  const before = known.get(models);
  if (before) return before;
  const { names, modules } = knownNames(models);
  const below = Array.from(modules, ([name, separator]) => `${escapePattern(name)}${separator}**`);
  const patterns = [...below, ...names.map(escapePattern)];
  const found = { patterns, nearest: new Map<string, readonly string[]>() };
  known.set(models, found);
  return found;
}
