import type { ComparedModel, ComparedTensor, Comparison } from '../../model/compare/comparison';
import { comparedLetter, type ComparedLetter } from '../../runs/report/comparedCell';
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
  const titles = columnTitles(comparison.files).slice(1);
  const width = Math.max(...titles.map((title) => title.length));
  const cells = (texts: readonly string[]): string =>
    texts.map((text) => text.padStart(width)).join(' ');
  const shown = all ? model.tensors : model.tensors.filter(isNews);
  const rows = moduleRows(shown, (tensor, name) => [
    cells(lettersOf(tensor)),
    name,
    remark(model, tensor, comparison),
  ]);
  return [
    `${modelWords(model)}: ${counted(model.tensors.length, 'tensor')}`,
    ...(rows.length === 0 ? [] : [`    ${cells(titles)}`, ...rows]),
    ...(all ? [] : countLines(model)),
  ];
}

/** The letters of the matrix in words, those that it has. */
export function legendLine({ models }: Comparison): string {
  const used = new Set<string>(models.flatMap(({ tensors }) => tensors.flatMap(lettersOf)));
  const known = Object.entries(LETTERS).filter(([letter]) => used.has(letter));
  return known.map(([letter, word]) => `${letter} ${word}`).join(', ');
}

const LETTERS: Readonly<Partial<Record<ComparedLetter, string>>> = {
  i: 'frozen and intact',
  m: 'frozen, but moved',
  s: 'frozen, but missing',
  n: 'not verified',
  e: 'equal',
  c: 'changed',
  d: 'other shape or type',
  g: 'gone',
  v: 'new',
  '-': 'not there',
};

function lettersOf({ pairs }: ComparedTensor): readonly ComparedLetter[] {
  return pairs.map(({ verdict, expected }) => comparedLetter(verdict, expected));
}

function remark(model: ComparedModel, tensor: ComparedTensor, comparison: Comparison): string {
  const [first, ...further] = violationsOf(model, tensor);
  if (first !== undefined) {
    const more = further.length === 0 ? '' : `, and ${counted(further.length, 'time')} more`;
    return `error: ${violationText(first, comparison)}${more}`;
  }
  const rule = ruleOf(tensor, comparison);
  return rule === '' ? '' : `frozen by ${rule}`;
}
