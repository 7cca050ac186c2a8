import { compilePattern } from '../../freeze/pattern';
import type { ModelInfo, TensorInfo } from '../../model/inspection';

/**
 * The models with only the tensors that the filter lets through: a pattern as in a rule when the
 * text has one of its special characters, else any part of the name in any case. A model of which
 * nothing is left is left out.
 * @throws PatternError
 */
export function filterModels(models: readonly ModelInfo[], filter: string): readonly ModelInfo[] {
  const text = filter.trim();
  if (text === '') return models;
  const matches = matcher(text);
  const passes = ({ name, aliases = [] }: TensorInfo): boolean => [name, ...aliases].some(matches);
  return models
    .map((model) => ({ ...model, tensors: model.tensors.filter(passes) }))
    .filter(({ tensors }) => tensors.length > 0);
}

function matcher(text: string): (name: string) => boolean {
  if (/[*?[{\\]/.test(text)) return compilePattern(text);
  const lower = text.toLowerCase();
  return (name) => name.toLowerCase().includes(lower);
}
