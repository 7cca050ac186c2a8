import type { ModelView, ReportView } from '../runs/report/reportView';
import { h } from './dom';
import {
  epochWindow,
  layOut,
  ROW_HEIGHT,
  type ColumnLayout,
  type EpochWindow,
} from './tableColumns';
import { rowElement } from './tableCells';
import { tableHead } from './tableHead';
import type { TableRow } from './tableRows';

/** Rows drawn beyond either edge. */
const OVERSCAN = 8;
const HEADER_HEIGHT = 26;
const ACTIVE_ID = 'active-cell';

export interface TableEvents {
  /** The cell that has the focus; `column` 0 is the name, then the epochs. */
  select(row: TableRow, column: number): void;
  /** Enter or a double click on a row. */
  activate(row: TableRow): void;
  /** A group is to be folded or unfolded. */
  fold(module: string, open: boolean): void;
}

/**
 * Tensors by epochs. Only the rows in sight are in the document, and only the epochs in sight
 * when there are many. One tab stop: the arrow keys move among cells, which the table names by
 * `aria-activedescendant`, so that the focus outlives the rows that scroll away.
 */
export class TensorTable {
  readonly element: HTMLDivElement;
  private readonly table: HTMLTableElement;
  private readonly columns = h('colgroup');
  private readonly head = h('thead');
  private readonly body = h('tbody');
  private readonly above = h('td');
  private readonly below = h('td');
  private readonly rowAbove = gapRow(this.above);
  private readonly rowBelow = gapRow(this.below);
  private model: ModelView | null = null;
  private rows: readonly TableRow[] = [];
  private grouped = false;
  private kind: ReportView['kind'] = 'run';
  private layout: ColumnLayout = { name: 0, epochs: 0, epochWidth: 0, trailing: [], width: 0 };
  private window: EpochWindow = { from: 0, to: 0 };
  private drawn = new Map<number, HTMLTableRowElement>();
  private active = { row: 0, column: 0 };
  private frame = 0;
  /** The width that the layout was made for. */
  private fitted = 0;
  /** Whether a cell was ever chosen: before that none is shown as such. */
  private touched = false;

  constructor(private readonly events: TableEvents) {
    this.table = h(
      'table',
      { class: 'tensors', tabindex: 0, 'aria-label': 'Tensors by epoch' },
      this.columns,
      this.head,
      this.body,
    );
    this.element = h('div', { class: 'scroller' }, this.table);
    this.element.addEventListener('scroll', () => {
      this.schedule();
    });
    new ResizeObserver(() => {
      if (this.element.clientWidth !== this.fitted) this.refresh();
      else this.draw();
    }).observe(this.element);
    this.table.addEventListener('keydown', (event) => {
      this.onKey(event);
    });
    this.table.addEventListener('focus', () => {
      // By keyboard only: a click names its cell itself, and must not scroll the table away first.
      const byKeyboard = this.table.matches(':focus-visible');
      if (byKeyboard && !this.touched) this.moveTo(this.active.row, this.active.column);
    });
    this.table.addEventListener('click', (event) => {
      this.onClick(event);
    });
    this.table.addEventListener('dblclick', () => {
      this.activate();
    });
    this.table.addEventListener('mouseover', ({ target }) => {
      if (target instanceof HTMLElement && target.matches('td.cell, td.trailing, th.name')) {
        target.title = target.textContent;
      }
    });
  }

  /** Shows these rows of a model; the active cell stays where it was as far as it can. */
  show(
    kind: ReportView['kind'],
    model: ModelView,
    rows: readonly TableRow[],
    grouped: boolean,
  ): void {
    this.kind = kind;
    this.model = model;
    this.rows = rows;
    this.grouped = grouped;
    this.active.row = Math.max(0, Math.min(this.active.row, rows.length - 1));
    this.refresh();
  }

  /** Back to the first cell, for another model. */
  reset(): void {
    this.active = { row: 0, column: 0 };
    this.touched = false;
    this.element.scrollTo(0, 0);
  }

  private refresh(): void {
    const { model } = this;
    if (model === null) return;
    this.fitted = this.element.clientWidth;
    this.layout = layOut(this.kind, model, this.nameWidth(model), this.fitted);
    this.active.column = Math.min(this.active.column, this.lastColumn);
    this.table.style.setProperty('width', `${String(this.layout.width)}px`);
    this.table.setAttribute('role', this.grouped ? 'treegrid' : 'grid');
    this.table.setAttribute('aria-rowcount', String(this.rows.length + 1));
    this.table.setAttribute('aria-colcount', String(this.lastColumn + 1));
    this.drawn.clear();
    this.window = this.epochsInSight();
    this.drawHead(model);
    this.draw();
  }

  private get lastColumn(): number {
    return this.layout.epochs + this.layout.trailing.length;
  }

  private epochsInSight(): EpochWindow {
    return epochWindow(this.layout, this.element.scrollLeft, this.element.clientWidth);
  }

  private schedule(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const { from, to } = this.epochsInSight();
      if (from !== this.window.from || to !== this.window.to) this.refresh();
      else this.draw();
    });
  }

  private draw(): void {
    const { model, rows, element } = this;
    if (model === null) return;
    const height = element.clientHeight - HEADER_HEIGHT;
    const from = Math.max(0, Math.floor(element.scrollTop / ROW_HEIGHT) - OVERSCAN);
    const to = Math.min(
      rows.length,
      Math.ceil((element.scrollTop + height) / ROW_HEIGHT) + OVERSCAN,
    );
    const drawn = new Map<number, HTMLTableRowElement>();
    for (let position = from; position < to; position++) {
      const row = rows[position];
      if (row === undefined) continue;
      const place = { position, grouped: this.grouped };
      drawn.set(
        position,
        this.drawn.get(position) ?? rowElement(model, row, this.layout, this.window, place),
      );
    }
    this.drawn = drawn;
    setHeight(this.above, from * ROW_HEIGHT);
    setHeight(this.below, Math.max(0, rows.length - to) * ROW_HEIGHT);
    this.body.replaceChildren(this.rowAbove, ...drawn.values(), this.rowBelow);
    this.markActive();
  }

  private drawHead(model: ModelView): void {
    const { row, widths } = tableHead(model, this.layout, this.window);
    this.head.replaceChildren(row);
    this.columns.replaceChildren(...widths);
  }

  private markActive(): void {
    const before = this.table.querySelector('.active');
    before?.classList.remove('active');
    before?.removeAttribute('id');
    this.table.querySelector('[aria-selected]')?.removeAttribute('aria-selected');
    const row = this.touched ? this.drawn.get(this.active.row) : undefined;
    const cell = row?.querySelector(`[aria-colindex="${String(this.active.column + 1)}"]`);
    row?.setAttribute('aria-selected', 'true');
    if (cell == null) {
      this.table.removeAttribute('aria-activedescendant');
      return;
    }
    cell.classList.add('active');
    cell.id = ACTIVE_ID;
    this.table.setAttribute('aria-activedescendant', ACTIVE_ID);
  }

  private moveTo(row: number, column: number): void {
    this.touched = true;
    this.active = {
      row: Math.max(0, Math.min(row, this.rows.length - 1)),
      column: Math.max(0, Math.min(column, this.lastColumn)),
    };
    this.scrollToActive();
    this.draw();
    const active = this.rows[this.active.row];
    if (active !== undefined) this.events.select(active, this.active.column);
  }

  private scrollToActive(): void {
    const { element, layout, active } = this;
    const top = active.row * ROW_HEIGHT;
    const height = element.clientHeight - HEADER_HEIGHT - ROW_HEIGHT;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top > element.scrollTop + height) element.scrollTop = top - height;
    if (active.column === 0) return;
    const left = this.leftOf(active.column);
    const right = this.leftOf(active.column + 1);
    const visible = element.clientWidth - layout.name;
    if (left < element.scrollLeft) element.scrollLeft = left;
    else if (right > element.scrollLeft + visible) element.scrollLeft = right - visible;
    const { from, to } = this.epochsInSight();
    if (from !== this.window.from || to !== this.window.to) this.refresh();
  }

  /** Left edge of a column, counted from the end of the name column. */
  private leftOf(column: number): number {
    const { epochs, epochWidth, trailing } = this.layout;
    const passed = trailing.slice(0, Math.max(0, column - 1 - epochs));
    return (
      Math.min(column - 1, epochs) * epochWidth + passed.reduce((sum, { width }) => sum + width, 0)
    );
  }

  private onKey(event: KeyboardEvent): void {
    const { row, column } = this.active;
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW_HEIGHT) - 2);
    const whole = event.ctrlKey || event.metaKey;
    const moves: Readonly<Record<string, readonly [row: number, column: number]>> = {
      ArrowDown: [row + 1, column],
      ArrowUp: [row - 1, column],
      ArrowRight: [row, column + 1],
      ArrowLeft: [row, column - 1],
      PageDown: [row + page, column],
      PageUp: [row - page, column],
      Home: [whole ? 0 : row, 0],
      End: [whole ? this.rows.length - 1 : row, this.lastColumn],
    };
    if (this.foldByKey(event.key)) {
      event.preventDefault();
      return;
    }
    const move = moves[event.key];
    if (move !== undefined) this.moveTo(...move);
    else if (event.key === 'Enter') this.activate();
    else return;
    event.preventDefault();
  }

  private foldByKey(key: string): boolean {
    const row = this.rows[this.active.row];
    if (row?.kind !== 'group' || this.active.column > 0) return false;
    const toggles = key === ' ' || key === 'Enter';
    if (!toggles && !(key === 'ArrowRight' && !row.open) && !(key === 'ArrowLeft' && row.open)) {
      return false;
    }
    this.events.fold(row.module, !row.open);
    return true;
  }

  private onClick({ target }: MouseEvent): void {
    const cell = target instanceof Element ? target.closest('[aria-colindex]') : null;
    const line = cell?.closest<HTMLElement>('[data-row]');
    if (cell === null || line == null) return;
    this.moveTo(Number(line.dataset['row']), Number(cell.getAttribute('aria-colindex')) - 1);
    const row = this.rows[this.active.row];
    if (row?.kind === 'group' && this.active.column === 0) this.events.fold(row.module, !row.open);
  }

  private activate(): void {
    const row = this.rows[this.active.row];
    if (row !== undefined) this.events.activate(row);
  }

  private nameWidth(model: ModelView): number {
    const longest = model.tensors.reduce(
      (most, { name, module, type }) =>
        Math.max(most, this.grouped ? module.length + type.length + 6 : name.length),
      6,
    );
    return longest * characterWidth(this.table) + (this.grouped ? 44 : 28);
  }
}

/** Stands for the rows that are not drawn. */
function gapRow(cell: HTMLTableCellElement): HTMLTableRowElement {
  return h('tr', { class: 'gap', 'aria-hidden': 'true' }, cell);
}

function setHeight(gap: HTMLTableCellElement, height: number): void {
  gap.style.setProperty('height', `${String(height)}px`);
}

/** Width of a character in the editor's font, in which names are set, in pixels. */
function characterWidth(element: Element): number {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) return 7.5;
  const style = getComputedStyle(element);
  const family = style.getPropertyValue('--vscode-editor-font-family');
  context.font = `12px ${family === '' ? 'monospace' : family}`;
  return context.measureText('n').width;
}
