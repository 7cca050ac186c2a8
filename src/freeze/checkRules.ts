import type { ConfigProblem, Rule } from './config';
import { matchedTensors } from './match';
import type { NamedModel } from './tensor';

/** The rules that match no tensor of any model, each with the way out. */
export function checkRules(
  rules: readonly Rule[],
  models: readonly NamedModel[],
): readonly ConfigProblem[] {
  return rules
    .filter((rule) => models.every((model) => matchedTensors(rule, model).length === 0))
    .map((rule) => ({
      ...rule.place,
      severity: 'error',
      text: `${rule.text} matches no tensor.`,
      advice: '',
    }));
}
