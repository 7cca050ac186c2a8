import type { ComparedModel, ComparedTensor, Comparison } from '../../model/compare/comparison';
import { visibleText } from '../words/visibleText';
import { counted, formatCount } from '../words/words';
import {
  columnViews,
  countWords,
  fileNames,
  problemViews,
  type FileNames,
} from './comparisonColumns';
import { comparisonHead } from './comparisonHead';
import { comparisonNotes } from './comparisonNotes';
import { worstCells } from './reportSummary';
import { describedTensor } from './reportTensor';
import type { CellLetter, ModelView, ReportView, RuleView, TensorView, Tone } from './reportView';

/**
 * The report of compared checkpoints: a column for each file but the first, which says how each
 * tensor compares with the file before.
 */
export function comparisonView(comparison: Comparison): ReportView {
  const files = fileNames(comparison.files);
  const models = comparison.models.map((model) => modelView(model, comparison, files));
  return {
    kind: 'comparison',
    runId: files.names.at(-1) ?? '',
    head: comparisonHead(comparison, models, files),
    rules: ruleViews(comparison),
    models,
    notes: comparisonNotes(comparison, files),
  };
}

function modelView(model: ComparedModel, { config }: Comparison, files: FileNames): ModelView {
  const columns = columnViews(model, files);
  const worst = worstCells(model.tensors.length, columns);
  return {
    name: visibleText(model.name),
    className: visibleText(model.className),
    summary: summaryOf(model, config !== null, worst),
    ...standingOf(worst, config !== null),
    totalEpochs: null,
    tensors: model.tensors.map(tensorView),
    columns,
    problems: problemViews(model, columns, files),
    unmoved: model.tensors.flatMap((tensor, row) => (stayed(tensor) ? [row] : [])),
    ...{ layers: [], normWarning: null, charts: [], ranks: [], rankNote: null, progress: null },
  };
}

function tensorView(tensor: ComparedTensor): TensorView {
  const { rule, pairs } = tensor;
  const always = pairs.every(({ expected }) => expected === 'frozen');
  const sometimes = pairs.some(({ expected }) => expected === 'frozen' || expected === 'partly');
  return {
    ...describedTensor(tensor),
    frozen: always ? 'frozen' : sometimes ? 'frozen in some epochs' : '',
    rule: sometimes ? rule : null,
  };
}

/** Whether no rule freezes a tensor between any of the files, and yet it is equal in all. */
function stayed({ pairs }: ComparedTensor): boolean {
  return pairs.every(
    ({ verdict, expected }) => verdict.kind === 'equal' && expected === 'trainable',
  );
}

/** `62 of 122 tensors frozen by the rules: 62 intact. The others: 58 changed, 2 equal.` */
function summaryOf(
  { tensors }: ComparedModel,
  ruled: boolean,
  worst: readonly CellLetter[],
): string {
  const all = counted(tensors.length, 'tensor');
  if (!ruled) return `${all}: ${countWords(worst)}.`;
  const isFrozen = tensors.map(({ pairs }) => pairs.some(({ expected }) => expected === 'frozen'));
  const frozen = worst.filter((_, row) => isFrozen[row]);
  const others = countWords(worst.filter((_, row) => isFrozen[row] !== true));
  const told = frozen.length === 0 ? '' : `: ${countWords(frozen)}`;
  const head = `${formatCount(frozen.length)} of ${all} frozen by the rules${told}.`;
  return others === '' ? head : `${head} The others: ${others}.`;
}

function standingOf(
  worst: readonly CellLetter[],
  ruled: boolean,
): { readonly standing: string; readonly tone: Tone } {
  const count = (letters: string): number =>
    worst.filter((letter) => letters.includes(letter)).length;
  const told = (letters: string, word: string): string => `${formatCount(count(letters))} ${word}`;
  if (count('ms') > 0) return { standing: told('ms', 'moved'), tone: 'moved' };
  if (count('n') > 0) return { standing: told('n', 'not verified'), tone: 'not verified' };
  if (count('i') > 0) return { standing: told('i', 'intact'), tone: 'intact' };
  if (ruled) return { standing: 'nothing frozen', tone: 'nothing frozen' };
  if (count('dgvc') > 0) return { standing: told('dgvc', 'different'), tone: 'different' };
  return { standing: told('e', 'equal'), tone: 'equal' };
}

function ruleViews({ config, models }: Comparison): readonly RuleView[] {
  if (config === null) return [];
  const frozen = config.rules.map(() => 0);
  for (const { rule } of models.flatMap(({ tensors }) => tensors)) {
    if (rule !== null) frozen[rule] = (frozen[rule] ?? 0) + 1;
  }
  return config.rules.map((text, index) => ({
    text: visibleText(text),
    matched: config.matched[index] ?? 0,
    frozen: frozen[index] ?? 0,
  }));
}
