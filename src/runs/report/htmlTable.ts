import { escapeHtml } from './htmlText';
import { wordOf } from './reportFinding';
import { worstCells, WORST_FIRST } from './reportSummary';
import type { CellLetter, ColumnView, ModelView, ProblemView } from './reportView';
import { formatCount } from '../words/words';

/** Cells and rows of a file that a browser still opens at once. */
const MOST_CELLS = 40_000;
const MOST_ROWS = 2_000;
/** From here on, neighbouring epochs that show the same are one column. */
const MERGE_FROM = 24;

const GLYPHS: Readonly<Record<CellLetter, string>> = {
  i: '✓',
  m: '✕',
  b: '↻',
  p: '⇄',
  s: '–',
  n: '?',
  t: '·',
  w: '○',
  e: '=',
  c: '≠',
  v: '+',
  g: '−',
  d: '⤨',
  x: '',
};

/** From worst to best, where there are more than fit. */
function bySeverity(problems: readonly ProblemView[]): readonly ProblemView[] {
  return problems.toSorted(
    (a, b) => WORST_FIRST.indexOf(a.letter) - WORST_FIRST.indexOf(b.letter) || a.row - b.row,
  );
}

interface Stretch {
  readonly label: string;
  readonly cells: string;
}

/** Tensors by epochs; of a large model whatever was not intact and what else fits. */
export function tensorTableHtml(model: ModelView): string {
  const stretches = stretchesOf(model.columns);
  const rows = chooseRows(model, stretches.length);
  const problems = new Map(model.problems.map((problem) => [problem.row, problem]));
  const head = stretches.map(
    ({ label }) => `<th scope="col" class="epoch">${escapeHtml(label)}</th>`,
  );
  const lines = rows.map((row) => {
    const tensor = model.tensors[row];
    if (tensor === undefined) return '';
    const cells = stretches.map(({ cells }) => cellHtml(cells.charAt(row)));
    return `<tr><th scope="row"><code>${escapeHtml(tensor.name)}</code></th>${cells.join('')}<td class="finding">${finding(problems.get(row))}</td><td>${tensor.kind}</td><td>${escapeHtml(tensor.shape)}</td><td class="number">${formatCount(tensor.elements)}</td><td>${escapeHtml(tensor.dtype)}</td></tr>`;
  });
  return `<div class="scroll"><table>
<thead><tr><th scope="col">Tensor</th>${head.join('')}<th scope="col">First finding</th><th scope="col">Kind</th><th scope="col">Shape</th><th scope="col" class="number">Elements</th><th scope="col">Type</th></tr></thead>
<tbody>
${lines.join('\n')}
</tbody></table></div>${leftOut(model, rows)}`;
}

function stretchesOf(columns: readonly ColumnView[]): readonly Stretch[] {
  const merge = columns.length > MERGE_FROM;
  const stretches: { from: string; until: string; cells: string }[] = [];
  for (const { title, cells } of columns) {
    const last = stretches.at(-1);
    if (merge && last?.cells === cells) last.until = title;
    else stretches.push({ from: title, until: title, cells });
  }
  return stretches.map(({ from, until, cells }) => ({
    label: from === until ? from : `${from}–${until}`,
    cells,
  }));
}

/** Indices of the tensors shown, in the order of the model: problems before the others. */
function chooseRows({ tensors, problems }: ModelView, columns: number): readonly number[] {
  const room = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_CELLS / Math.max(1, columns))));
  if (tensors.length <= room) return [...tensors.keys()];
  const chosen = new Set(
    bySeverity(problems)
      .slice(0, room)
      .map(({ row }) => row),
  );
  for (let row = 0; chosen.size < room; row++) chosen.add(row);
  return [...chosen].sort((a, b) => a - b);
}

/** A verdict as a cell: its glyph, and its word for screen readers. */
export function cellHtml(letter: string): string {
  const known = letter in GLYPHS ? (letter as CellLetter) : 'n';
  return `<td class="${known}">${GLYPHS[known]}<i>${wordOf(known)}</i></td>`;
}

function finding(problem: ProblemView | undefined): string {
  if (problem === undefined) return '';
  const { letter, when, text, source } = problem;
  const found = [when === '' ? wordOf(letter) : `${wordOf(letter)} in ${when}`, text];
  const words = found.filter((part) => part !== '').join(': ');
  return escapeHtml(source === '' ? words : `${words} at ${source}`);
}

function leftOut({ tensors, columns }: ModelView, rows: readonly number[]): string {
  if (rows.length === tensors.length) return '';
  const shown = new Set(rows);
  const counts = new Map<string, number>();
  worstCells(tensors.length, columns).forEach((letter, row) => {
    const word = wordOf(letter);
    if (!shown.has(row)) counts.set(word, (counts.get(word) ?? 0) + 1);
  });
  const words = [...counts].map(([word, count]) => `${formatCount(count)} ${word}`);
  return `<p class="muted">${formatCount(tensors.length - rows.length)} further tensors are not listed, by the worst of their epochs: ${words.join(', ')}.</p>`;
}
