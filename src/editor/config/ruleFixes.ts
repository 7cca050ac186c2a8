import type { Rule } from '../../freeze/config';
import { removeRules, replacePattern, type ConfigEdit } from '../../freeze/edit';
import { overriddenRules } from '../../freeze/overriddenRules';
import { checkEffects } from '../../freeze/plan';
import type { NamedModel } from '../../freeze/tensor';
import { visibleText } from '../../runs/words/visibleText';
import { matchesAny, ruleReplacements } from './ruleReplacements';

/** A way out of a problem in one click. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly ConfigEdit[];
}

/**
 * What can be done about a rule that matches nothing or changes nothing, the likeliest first. Empty
 * for any other rule.
 *
 * @param text the valid config of `rules`
 */
export function ruleFixes(
  text: string,
  rules: readonly Rule[],
  index: number,
  models: readonly NamedModel[],
): readonly Fix[] {
  const rule = rules[index];
  if (rule === undefined) return [];
  const dead = models.length > 0 && !matchesAny(rule, models);
  const isIdle = (): boolean =>
    [...overriddenRules(rules, models), ...checkEffects(rules, models)].some(
      ({ offset }) => offset === rule.place.offset,
    );
  if (!dead && !isIdle()) return [];
  const replacements = dead ? ruleReplacements(rule, models) : [];
  return [
    ...replacements.map((match) => ({
      title: `Replace by "${visibleText(match)}"`,
      edits: replacePattern(text, index, match),
    })),
    { title: 'Remove the rule', edits: removeRules(text, [index]) },
  ];
}
