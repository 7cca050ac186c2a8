import type { Rule } from '../../freeze/config';
import type { FrozenSpan } from '../../freeze/spans';
import type { ModelInfo } from '../../model/inspection';
import { code } from '../../runs/report/markdownText';
import { counted, formatCount } from '../../runs/words/numberWords';
import { formatBytes } from '../../runs/words/units';
import { visibleText } from '../../runs/words/visibleText';
import { ruleEffects, type Amount, type RuleEffect } from './ruleEffect';

const MOST_MODELS = 5;

/**
 * What a rule does, as Markdown: how much it matches, how much it freezes in the end, and which
 * rules are in its way. Undefined when it matches nothing, which the diagnostic tells.
 */
export function hoverText(
  rules: readonly Rule[],
  index: number,
  models: readonly ModelInfo[],
): string | undefined {
  const rule = rules[index];
  const effects = ruleEffects(rules, index, models);
  if (rule === undefined || effects.length === 0) return undefined;
  const several = models.length > 1;
  const paragraphs = effects.slice(0, MOST_MODELS).map((effect) => {
    const lines = [
      ...(several ? [modelLine(effect.model)] : []),
      `Matches **${counted(effect.matched.tensors, 'tensor')}**${amountText(effect.matched)}.`,
      effectLine(rules, rule, effect),
      namesLine(effect),
    ];
    return lines.join('  \n');
  });
  const left = effects.length - paragraphs.length;
  if (left > 0) paragraphs.push(`It matches in ${counted(left, 'more model')}.`);
  return paragraphs.join('\n\n');
}

const shown = (name: string): string => code(visibleText(name));

function modelLine({ name, copyOf }: ModelInfo): string {
  return `In ${shown(name)}${copyOf === undefined ? '' : `, a copy of ${shown(copyOf)}`}:`;
}

/** ` (2 of them statistics): 1,234 parameters, 4.9 kB`, as far as there are any. */
function amountText(amount: Amount): string {
  const { tensors, statistics } = amount;
  if (statistics === 0) return measured(amount);
  const which = statistics === tensors ? '' : `${formatCount(statistics)} of them `;
  return ` (${which}statistics)${measured(amount)}`;
}

/** `: 1,234 parameters, 4.9 kB`, as far as it is known. */
function measured({ tensors, statistics, parameters, bytes }: Amount): string {
  const measures = [
    ...(statistics === tensors ? [] : [counted(parameters, 'parameter')]),
    ...(bytes === null ? [] : [formatBytes(bytes)]),
  ];
  return measures.length === 0 ? '' : `: ${measures.join(', ')}`;
}

function effectLine(rules: readonly Rule[], rule: Rule, effect: RuleEffect): string {
  const { matched, decided, epochs, later } = effect;
  const last = rules[later ?? -1];
  const such = last ? `, such as ${shown(last.text)} in line ${formatCount(last.place.line)}` : '';
  if (decided.tensors === 0) {
    return `**Has no effect**: later rules decide about all of them${such}.`;
  }
  const verb = rule.freeze ? 'Freezes' : 'Thaws';
  const all = decided.tensors === matched.tensors;
  const number = all ? 'all of them' : `**${formatCount(decided.tensors)}** of them`;
  const when = epochs === null ? 'in different epochs' : whenText(epochs);
  if (all) return `${verb} ${number}${when === '' ? '' : ` ${when}`}.`;
  const rest = counted(matched.tensors - decided.tensors, 'other');
  const words = `${verb} ${number}${measured(decided)}${when === '' ? '' : `, ${when}`}`;
  return `${words}. Later rules decide about the ${rest}${such}.`;
}

/** `until epoch 5`, `from epoch 3`, `in epochs 2–4`; empty for all epochs. */
function whenText(spans: readonly FrozenSpan[]): string {
  const words = spans.map(({ from, until }) => {
    if (until === null) return from === 1 ? '' : `from epoch ${String(from)}`;
    if (from === until) return `in epoch ${String(from)}`;
    return from === 1
      ? `until epoch ${String(until)}`
      : `in epochs ${String(from)}–${String(until)}`;
  });
  return words.join(' and ');
}

function namesLine({ names, matched }: RuleEffect): string {
  const left = matched.tensors - names.length;
  const more = left > 0 ? ` and ${formatCount(left)} more` : '';
  return `${names.map(shown).join(', ')}${more}`;
}
