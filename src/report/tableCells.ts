import type { ColumnView, ModelView, ProblemView, TensorView } from '../runs/report/reportView';
import { h } from './dom';
import type { ColumnLayout, EpochWindow, TrailingColumn } from './tableColumns';
import { worstCell, type TableRow } from './tableRows';
import { letterAt, WORDS } from './verdicts';

const details = new WeakMap<ColumnView, ReadonlyMap<number, string>>();

/** What was found of a tensor in an epoch, with its verdict: `moved: 1 element, …`. */
export function cellText(column: ColumnView, tensor: number): string {
  let texts = details.get(column);
  if (texts === undefined) {
    texts = new Map(column.details);
    details.set(column, texts);
  }
  const word = WORDS[letterAt(column.cells, tensor)];
  const text = texts.get(tensor) ?? '';
  return text === '' ? word : `${word}: ${text}`;
}

/** Whether a column stands for an epoch, and not for a file that does not tell its epoch. */
export function isEpoch({ epoch, title }: ColumnView): boolean {
  return title === String(epoch);
}

const problems = new WeakMap<readonly ProblemView[], ReadonlyMap<number, ProblemView>>();

/** The first finding of a tensor. */
export function problemOf(model: ModelView, tensor: number): ProblemView | undefined {
  let byRow = problems.get(model.problems);
  if (byRow === undefined) {
    byRow = new Map(model.problems.map((problem) => [problem.row, problem]));
    problems.set(model.problems, byRow);
  }
  return byRow.get(tensor);
}

export interface RowPlace {
  /** Position among the rows shown. */
  readonly position: number;
  readonly grouped: boolean;
}

/** One line of the table, with the epochs of `window` only. */
export function rowElement(
  model: ModelView,
  row: TableRow,
  layout: ColumnLayout,
  window: EpochWindow,
  place: RowPlace,
): HTMLTableRowElement {
  const element = h('tr', {
    class: row.kind,
    'data-row': place.position,
    // The header is row 1.
    'aria-rowindex': place.position + 2,
    'aria-level': place.grouped ? (row.kind === 'group' ? 1 : 2) : null,
    'aria-expanded': row.kind === 'group' ? String(row.open) : null,
  });
  const at = (column: number): At => ({ 'aria-colindex': column + 1 });
  element.append(nameCell(model, row, place.grouped, at(0)));
  if (window.from > 0) element.append(spacer());
  for (let epoch = window.from; epoch < window.to; epoch++) {
    const column = model.columns[epoch];
    if (column !== undefined) element.append(epochCell(column, row, at(epoch + 1)));
  }
  if (window.to < layout.epochs) element.append(spacer());
  layout.trailing.forEach(({ id }, index) => {
    element.append(trailingCell(model, row, id, at(layout.epochs + 1 + index)));
  });
  return element;
}

export function spacer(): HTMLTableCellElement {
  return h('td', { class: 'spacer', 'aria-hidden': 'true' });
}

type At = Record<string, string | number>;

/** The name without its layer's, under whose heading it stands: `kernel`. */
function nameInLayer({ name, module }: TensorView): string {
  return module !== '' && /^[./]/.test(name.slice(module.length)) && name.startsWith(module)
    ? name.slice(module.length + 1)
    : name;
}

function nameCell(model: ModelView, row: TableRow, grouped: boolean, at: At): HTMLElement {
  if (row.kind === 'group') {
    return h(
      'th',
      { ...at, scope: 'row', class: 'name' },
      h('span', { class: 'twistie', 'aria-hidden': 'true' }),
      h('span', { class: 'label' }, row.module === '' ? '(no layer)' : row.module),
      h('span', { class: 'muted' }, ` ${row.type} · ${String(row.tensors.length)}`),
    );
  }
  const tensor = model.tensors[row.tensor];
  const label = tensor === undefined ? '' : grouped ? nameInLayer(tensor) : tensor.name;
  return h('th', { ...at, scope: 'row', class: 'name' }, h('span', { class: 'label' }, label));
}

function epochCell(column: ColumnView, row: TableRow, at: At): HTMLElement {
  const letter =
    row.kind === 'group'
      ? worstCell(column.cells, row.tensors)
      : letterAt(column.cells, row.tensor);
  const text = row.kind === 'group' ? WORDS[letter] : cellText(column, row.tensor);
  return h('td', { ...at, class: 'cell', 'data-cell': letter }, text);
}

function trailingCell(model: ModelView, row: TableRow, id: TrailingColumn, at: At): HTMLElement {
  const number = id === 'elements' ? ' number' : '';
  if (row.kind === 'group') return h('td', { ...at, class: `trailing${number}` });
  const tensor = model.tensors[row.tensor];
  const text =
    id === 'finding' ? findingText(problemOf(model, row.tensor)) : tensorText(tensor, id);
  return h('td', { ...at, class: `trailing${number}` }, text);
}

function findingText(problem: ProblemView | undefined): string {
  if (problem === undefined) return '';
  const source = problem.source === '' ? '' : ` at ${problem.source}`;
  const { letter, when, text } = problem;
  // Of two files the cell has the word already.
  if (when === '') return text === '' ? WORDS[letter] : text;
  const word = `${WORDS[letter]} in ${when}`;
  return `${text === '' ? word : `${word}: ${text}`}${source}`;
}

function tensorText(
  tensor: TensorView | undefined,
  id: Exclude<TrailingColumn, 'finding'>,
): string {
  if (tensor === undefined) return '';
  if (id === 'elements') return tensor.elements.toLocaleString('en');
  return id === 'frozen' && tensor.frozen === '' ? 'trainable' : tensor[id];
}
