import type { Rule } from '../../freeze/config';
import { nearestNames } from '../../freeze/nearest';
import { checkRules } from '../../freeze/plan';
import type { NamedModel } from '../../freeze/tensor';

const MOST = 3;

/**
 * Patterns that could have been meant by a rule that matches nothing: the module itself with all
 * below it, then the nearest names of modules and tensors. Empty for a rule that matches.
 */
export function ruleReplacements(rule: Rule, models: readonly NamedModel[]): readonly string[] {
  if (checkRules([rule], models).length === 0) return [];
  const tensors = models.flatMap((model) => model.tensors);
  const modules = new Set(tensors.map(({ module }) => module).filter((module) => module !== ''));
  const parts = new Set([...modules].flatMap(withParents));
  const separator = tensors.some(({ name }) => name.includes('/')) ? '/' : '.';
  const below = (module: string): string => `${module}${separator}**`;
  if (parts.has(rule.match)) return [below(rule.match)];
  const names = [...new Set([...[...modules].map(below), ...tensors.map(({ name }) => name)])];
  return nearestNames(rule.match, names, MOST);
}

/** `a.b.c` with `a.b` and `a`. */
function withParents(name: string): readonly string[] {
  const parents = [...name.matchAll(/[./]/g)].map(({ index }) => name.slice(0, index));
  return [name, ...parents];
}
