import type { Rule } from './config';
import { matchGroups } from './matchGroups';
import type { Place } from './place';
import { decidingSpans } from './spans';
import type { NamedModel } from './tensor';

/** A rule that can go without any change: no fault, so neither error nor warning. */
export interface RuleHint extends Place {
  readonly text: string;
  readonly advice: string;
}

/**
 * The rules that freeze in all epochs and decide about nothing, since a later rule says the same or
 * later rules decide about everything that they match. `checkEffects` warns of the other kinds.
 * Taking all of them out at once changes nothing. Without models only repeated rules are known.
 */
export function overriddenRules(
  rules: readonly Rule[],
  models: readonly NamedModel[],
): readonly RuleHint[] {
  const groups = models.flatMap((model) => matchGroups(rules, model));
  return rules.flatMap((rule, index): RuleHint[] => {
    if (!rule.freeze || rule.from !== undefined || rule.until !== undefined) return [];
    const again = rules.find((each, at) => at > index && says(each) === says(rule));
    if (again) {
      const text = `${rule.text} is there again in line ${again.place.line}.`;
      return [{ ...rule.place, text, advice: 'The last one decides; remove this one.' }];
    }
    const concerned = groups.filter((group) => group.rules.includes(index));
    const decides = concerned.some((group) =>
      decidingSpans(rules, group.rules).some((span) => span.rule === index),
    );
    if (concerned.length === 0 || decides) return [];
    const later = rules[concerned[0]?.rules.at(-1) ?? index];
    const text = `${rule.text} has no effect: later rules decide about everything it matches`;
    const name = later ? `, such as ${later.text} in line ${later.place.line}` : '';
    return [
      { ...rule.place, text: `${text}${name}.`, advice: 'Move it below them, or remove it.' },
    ];
  });
}

/** What a rule says, however it is written. */
const says = ({ match, type, tensors, model, from, until, freeze }: Rule): string =>
  JSON.stringify([match, type, tensors, model, from, until, freeze]);
