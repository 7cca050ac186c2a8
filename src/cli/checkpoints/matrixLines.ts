import type { ComparedModel, ComparedTensor, Comparison } from '../../model/compare/comparison';
import { pairLetter } from '../../runs/report/comparisonCells';
import { wordOf } from '../../runs/report/reportFinding';
import { WORST_FIRST } from '../../runs/report/reportSummary';
import type { CellLetter } from '../../runs/report/reportView';
import { counted } from '../../runs/words/words';
import { modelWords } from '../inspectionText';
import { moduleRows } from '../moduleRows';
import { columnTitles } from './columnTitles';
import { countLines, isNews } from './news';
import { ruleOf } from './pairWords';
import { violationText, violationsOf } from './violations';

/** A model over several files: of each tensor one letter a file, compared with the one before. */
export function matrixLines(
  model: ComparedModel,
  comparison: Comparison,
  all: boolean,
): readonly string[] {
  const titles = columnTitles(comparison.files);
  const width = Math.max(...titles.map((title) => title.length));
  const cells = (texts: readonly string[]): string =>
    texts.map((text) => text.padStart(width)).join(' ');
  const rows = moduleRows(shownOf(model, all), (tensor, name) => [
    cells(lettersOf(tensor)),
    name,
    remark(tensor, comparison, titles),
  ]);
  return [
    `${modelWords(model)}: ${counted(model.tensors.length, 'tensor')}`,
    ...(rows.length === 0 ? [] : [`    ${cells(titles.slice(1))}`, ...rows]),
    ...(all ? [] : countLines(model)),
  ];
}

/** The letters of the matrix in words, worst first; empty where no row is shown. */
export function legendLine({ models }: Comparison, all: boolean): string {
  const tensors = models.flatMap((model) => shownOf(model, all));
  const used = new Set(tensors.flatMap(lettersOf));
  return WORST_FIRST.filter((letter) => used.has(letter))
    .map((letter) => `${letter} ${wordOf(letter)}`)
    .join(', ');
}

function shownOf({ tensors }: ComparedModel, all: boolean): readonly ComparedTensor[] {
  return all ? tensors : tensors.filter(isNews);
}

function lettersOf({ pairs }: ComparedTensor): readonly CellLetter[] {
  return pairs.map(pairLetter);
}

function remark(tensor: ComparedTensor, comparison: Comparison, titles: readonly string[]): string {
  const [first, ...further] = violationsOf(tensor);
  if (first !== undefined) {
    const more = further.length === 0 ? '' : `; ${counted(further.length, 'time')} more`;
    return `error: ${violationText(first, tensor, comparison, titles)}${more}`;
  }
  const rule = ruleOf(tensor, comparison);
  return rule === '' ? '' : `frozen by ${rule}`;
}
