import type { ComparedModel, ComparedTensor, Comparison } from '../../model/compare/comparison';
import { pairDetails } from '../../runs/words/comparisonWords';
import { pairWord, ruleOf } from './pairWords';

type Pair = ComparedTensor['pairs'][number];

/** A frozen tensor that is not intact between two files. */
export interface Violation {
  readonly pair: Pair;
  /** Index of the later file. */
  readonly file: number;
}

/** Where a frozen tensor is not intact. What is in neither file was told when it went. */
export function violationsOf(tensor: ComparedTensor): readonly Violation[] {
  return tensor.pairs.flatMap((pair, index) => {
    const { verdict, expected } = pair;
    const fine = expected !== 'frozen' || verdict.kind === 'equal' || verdict.kind === 'absent';
    return fine ? [] : [{ pair, file: index + 1 }];
  });
}

/**
 * What became of a frozen tensor: `moved between 2 and 3 (1 element, max |Δ| 1.0e-7), frozen by
 * "conv1.**"`.
 * @param titles of the files
 */
export function violationText(
  { pair, file }: Violation,
  tensor: ComparedTensor,
  comparison: Comparison,
  titles: readonly string[],
): string {
  const when =
    titles.length === 2 ? '' : ` between ${titles[file - 1] ?? ''} and ${titles[file] ?? ''}`;
  const details = pairDetails(pair.verdict);
  const rule = ruleOf(tensor, comparison);
  const what = `${pairWord(pair)}${when}${details && ` (${details})`}`;
  return rule === '' ? what : `${what}, frozen by ${rule}`;
}

/** All violations of a comparison, a line each: `conv1.weight of net: moved …`. */
export function violationLines(
  comparison: Comparison,
  titles: readonly string[],
): readonly string[] {
  const several = comparison.models.length > 1;
  const lineOf = (model: ComparedModel, tensor: ComparedTensor, violation: Violation): string => {
    const of = several ? ` of ${model.name}` : '';
    return `${tensor.name}${of}: ${violationText(violation, tensor, comparison, titles)}`;
  };
  return comparison.models.flatMap((model) =>
    model.tensors.flatMap((tensor) =>
      violationsOf(tensor).map((violation) => lineOf(model, tensor, violation)),
    ),
  );
}
