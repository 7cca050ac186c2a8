import type { ComparedModel, ComparedTensor, Comparison } from '../../model/compare/comparison';
import { pairDetails } from '../../runs/words/comparisonWords';
import { columnTitles } from './columnTitles';
import { pairWord, ruleOf } from './pairWords';

type Pair = ComparedTensor['pairs'][number];

/** Something that the rules do not allow. */
export interface Violation {
  readonly model: ComparedModel;
  readonly tensor: ComparedTensor;
  readonly pair: Pair;
  /** Index of the later file. */
  readonly file: number;
}

/** Where a frozen tensor is not intact. What is in neither file was told when it went. */
export function violationsOf(model: ComparedModel, tensor: ComparedTensor): readonly Violation[] {
  return tensor.pairs.flatMap((pair, index) => {
    const { verdict, expected } = pair;
    const fine = expected !== 'frozen' || verdict.kind === 'equal' || verdict.kind === 'absent';
    return fine ? [] : [{ model, tensor, pair, file: index + 1 }];
  });
}

/** All violations of a comparison, in the order of its models. */
export function allViolations({ models }: Comparison): readonly Violation[] {
  return models.flatMap((model) => model.tensors.flatMap((tensor) => violationsOf(model, tensor)));
}

/** `conv1.weight moved between 2 and 3 (1 element, max |Δ| 1.0e-7), frozen by "conv1.**"`. */
export function violationText(
  { model, tensor, pair, file }: Violation,
  comparison: Comparison,
): string {
  const { files, models } = comparison;
  const titles = columnTitles(files);
  const of = models.length > 1 ? ` of ${model.name}` : '';
  const when =
    files.length === 2 ? '' : ` between ${titles[file - 1] ?? ''} and ${titles[file] ?? ''}`;
  const details = pairDetails(pair.verdict);
  const rule = ruleOf(tensor, comparison);
  return (
    `${tensor.name}${of}: ${pairWord(pair)}${when}${details && ` (${details})`}` +
    (rule === '' ? '' : `, frozen by ${rule}`)
  );
}
