import type { Comparison } from '../../model/compare/comparison';
import { countWords } from './comparisonColumns';
import { comparisonView } from './comparisonView';
import { below, factLines, groupTable, more, noteLines, unmovedLine } from './markdownParts';
import { code, table, text } from './markdownText';
import { wordOf } from './reportFinding';
import { WORST_FIRST } from './reportSummary';
import type { ModelView } from './reportView';

/** A pull request is read by people: more than this is in the HTML report. */
const MOST = { differences: 25, columns: 24, models: 6 } as const;

/** The report on compared checkpoints as GitHub-flavoured Markdown, short whatever their size. */
export function renderComparisonMarkdown(comparison: Comparison): string {
  const view = comparisonView(comparison);
  const { headline, detail, status } = view.head;
  const several = view.models.length > 1;
  const parts = [
    `**${text(headline)}.** ${text(detail)}`.trim(),
    text(status),
    factLines(view),
    ...view.models.slice(0, MOST.models).flatMap((model) => modelParts(model, several)),
    more(view.models.length - MOST.models, 'models'),
    noteLines(view),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function modelParts(model: ModelView, several: boolean): readonly string[] {
  return [
    several ? `#### ${text(model.name)}: ${text(model.standing)}` : '',
    text(model.summary),
    differenceTable(model),
    columnTable(model),
    groupTable(model),
    unmovedLine(model, 'Trainable, but equal'),
  ];
}

/** What differs, worst first. */
function differenceTable({ problems, tensors }: ModelView): string {
  if (problems.length === 0) return '';
  const sorted = problems.toSorted(
    (a, b) => WORST_FIRST.indexOf(a.letter) - WORST_FIRST.indexOf(b.letter),
  );
  const rows = sorted.slice(0, MOST.differences).map(({ row, letter, when, text: found }) => {
    const word = when === '' ? wordOf(letter) : `${wordOf(letter)} in ${when}`;
    const isBad = 'msn'.includes(letter);
    return [
      code(tensors[row]?.name ?? ''),
      tensors[row]?.frozen ?? '',
      isBad ? `**${text(word)}**` : text(word),
      text(found),
    ];
  });
  const rest = more(problems.length - MOST.differences, 'tensors that differ');
  return table(['Differs', 'By the rules', 'Verdict', 'Finding'], rows) + below(rest);
}

/** Of more than two files: what each says beside the one before it. */
function columnTable({ columns }: ModelView): string {
  if (columns.length < 2) return '';
  const rows = columns
    .slice(0, MOST.columns)
    .map(({ title, cells }) => [text(title), text(countWords(cells))]);
  const rest = more(columns.length - MOST.columns, 'files');
  return table(['File', 'Compared with the one before'], rows) + below(rest);
}
