import { below, factLines, groupTable, more, noteLines, unmovedLine } from './markdownParts';
import { code, table, text } from './markdownText';
import { wordOf } from './reportFinding';
import { formatMetric } from './reportCharts';
import { buildReport } from './reportModel';
import type { ModelView } from './reportView';
import type { ModelState, RunState } from '../state';
import { visibleText } from '../words/visibleText';
import { verdictSentence } from '../words/words';

/** A pull request is read by people: more than this is in the HTML report. */
const MOST = {
  problems: 25,
  ranks: 16,
  epochs: 12,
  metrics: 8,
  models: 6,
} as const;

/** The report of a run as GitHub-flavoured Markdown, short whatever the size of the model. */
export function renderMarkdown(state: RunState): string {
  const view = buildReport(state);
  const several = view.models.length > 1;
  const parts = [
    `**${text(visibleText(verdictSentence(state)))}**`,
    factLines(view),
    ...state.models.slice(0, MOST.models).flatMap((model, index) => {
      const shown = view.models[index];
      return shown === undefined ? [] : modelParts(model, shown, several);
    }),
    more(view.models.length - MOST.models, 'models'),
    noteLines(view),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function modelParts(state: ModelState, model: ModelView, several: boolean): readonly string[] {
  return [
    several ? `#### ${text(model.name)}: ${text(model.standing)}` : '',
    text(model.summary),
    rankLines(model),
    problemTable(model),
    groupTable(model),
    model.normWarning === null ? '' : `**Batch normalization:** ${text(model.normWarning)}`,
    unmovedLine(model, 'Trainable, but never moved'),
    metricTable(state),
  ];
}

function rankLines({ ranks, rankNote }: ModelView): string {
  if (ranks.length === 0) return '';
  const rows = ranks.slice(0, MOST.ranks).map((rank) => [String(rank.rank), text(rank.text)]);
  const rest = more(ranks.length - MOST.ranks, 'ranks');
  const note = rankNote === null ? '' : text(rankNote);
  return table(['Rank', 'Verdict'], rows, [0]) + below(rest) + below(note);
}

function problemTable({ problems, tensors }: ModelView): string {
  if (problems.length === 0) return '';
  const rows = problems
    .slice(0, MOST.problems)
    .map(({ row, letter, epoch, text: found, source }) => [
      code(tensors[row]?.name ?? ''),
      `**${wordOf(letter)}**`,
      String(epoch),
      text(found) + (source === '' ? '' : ` at ${code(source)}`),
    ]);
  const rest = more(problems.length - MOST.problems, 'tensors that were not intact');
  return table(['Not intact', 'Verdict', 'First epoch', 'Finding'], rows, [2]) + below(rest);
}

function metricTable({ epochs }: ModelState): string {
  const logged = epochs.filter(({ metrics }) => Object.keys(metrics).length > 0);
  const names = [...new Set(logged.flatMap(({ metrics }) => Object.keys(metrics)))];
  if (names.length === 0) return '';
  const columns = names.slice(0, MOST.metrics);
  const shown = sample(logged, MOST.epochs);
  const rows = shown.map(({ epoch, metrics }) => [
    String(epoch),
    ...columns.map((name) => {
      const value = metrics[name];
      return value === undefined ? '' : formatMetric(value);
    }),
  ]);
  const heads = ['Epoch', ...columns.map((name) => text(visibleText(name)))];
  const rest = [
    more(logged.length - shown.length, 'epochs between these'),
    more(names.length - columns.length, 'metrics'),
  ];
  return table(heads, rows, [...heads.keys()]) + below(rest.join(' ').trim());
}

/** At most `most` of the items, evenly spread, the first and the last among them. */
function sample<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  const step = (items.length - 1) / (most - 1);
  const places = Array.from({ length: most }, (_, at) => Math.round(at * step));
  return items.filter((_, at) => places.includes(at));
}
