import type { ConfigProblem, Rule } from './config';
import { matchGroups } from './matchGroups';
import { decidingSpans, frozenSpans, timeline } from './spans';
import type { NamedModel } from './tensor';

/**
 * Warns of rules that match tensors but change nothing: a thaw, or a freeze with a window, that
 * later rules override or that earlier rules make needless. A freeze without a window that changes
 * nothing is harmless and not told.
 */
export function checkEffects(
  rules: readonly Rule[],
  models: readonly NamedModel[],
): readonly ConfigProblem[] {
  // The distinct sets of rules that match a tensor; models with the same names share them.
  const groups = [
    ...new Map(
      models
        .flatMap((model) => matchGroups(rules, model))
        .map((group) => [group.rules.join(), group.rules]),
    ).values(),
  ];
  return rules.flatMap((rule, index) => {
    const windowed = rule.from !== undefined || rule.until !== undefined;
    if (rule.freeze && !windowed) return [];
    const concerned = groups.filter((matching) => matching.includes(index));
    if (concerned.length === 0) return [];
    const changes = concerned.some(
      (matching) =>
        timeline(frozenSpans(rules, matching)) !==
        timeline(
          frozenSpans(
            rules,
            matching.filter((each) => each !== index),
          ),
        ),
    );
    return changes ? [] : [noEffect(rules, rule, index, concerned)];
  });
}

function noEffect(
  rules: readonly Rule[],
  rule: Rule,
  index: number,
  concerned: readonly (readonly number[])[],
): ConfigProblem {
  const problem = (text: string, advice: string): ConfigProblem => ({
    ...rule.place,
    severity: 'warning',
    text: `${rule.text} has no effect: ${text}`,
    advice,
  });
  const decides = concerned.some((matching) =>
    decidingSpans(rules, matching).some((span) => span.rule === index),
  );
  const others = concerned.flat();
  if (!decides) {
    const later = rules[others.find((each) => each > index) ?? index];
    return problem(
      `later rules decide about everything it matches, such as ${nameOf(later)}.`,
      'Move it below them, or remove it.',
    );
  }
  if (!rule.freeze) {
    return problem(
      'nothing that it matches is frozen by a rule before it.',
      'Move it below the rule that freezes, or remove it.',
    );
  }
  const earlier = rules[others.findLast((each) => each < index && rules[each]?.freeze) ?? index];
  return problem(
    `${nameOf(earlier)} freezes the same tensors in its epochs as well.`,
    'Remove the one that is not meant.',
  );
}

const nameOf = (rule: Rule | undefined): string =>
  rule ? `${rule.text} in line ${rule.place.line}` : '';
