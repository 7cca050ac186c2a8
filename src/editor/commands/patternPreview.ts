import { parseConfig } from '../../freeze/config';
import { checkRules, planModel } from '../../freeze/plan';
import type { ModelInfo } from '../../model/inspection';
import { elementCount } from '../../model/shape';
import { compactCount } from '../tree/rowText';

/** What a pattern would do, told while it is typed. */
export interface PatternPreview {
  /** False when it must not become a rule. */
  readonly valid: boolean;
  readonly text: string;
}

/**
 * Tells how many tensors a pattern matches, or what is wrong with it.
 * @param effect what happens to them: `frozen`, `trained`
 */
export function previewPattern(
  pattern: string,
  models: readonly ModelInfo[],
  effect: string,
): PatternPreview {
  const { config, problems } = parseConfig(JSON.stringify({ freeze: [pattern] }));
  const [problem] = problems;
  if (config === null) {
    return { valid: false, text: `${problem?.text ?? ''} ${problem?.advice ?? ''}`.trim() };
  }
  if (models.length === 0) {
    return { valid: true, text: 'No model is known yet, so the matches cannot be counted.' };
  }
  const [dead] = checkRules(config.rules, models);
  if (dead !== undefined) return { valid: false, text: `${dead.text} ${dead.advice}`.trim() };
  const freezing = config.rules.map((rule) => ({ ...rule, freeze: true }));
  const plans = models.map((model) => planModel(freezing, model));
  const all = models.flatMap(({ tensors }) => tensors);
  const matched = models.flatMap((model, index) =>
    model.tensors.filter(({ name }) => plans[index]?.spans.has(name)),
  );
  const elements = matched.reduce((sum, tensor) => sum + elementCount(tensor), 0);
  const word = config.rules[0]?.freeze === false ? 'thawed' : effect;
  return {
    valid: true,
    text: `${String(matched.length)} of ${String(all.length)} tensors are ${word} (${compactCount(elements)} elements).`,
  };
}
