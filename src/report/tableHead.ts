import type { ModelView } from '../runs/report/reportView';
import { h, hidden } from './dom';
import { isEpoch, spacer } from './tableCells';
import type { ColumnLayout, EpochWindow } from './tableColumns';

/** The head of the table: its row, and a `col` of the right width for each cell of it. */
export function tableHead(
  model: ModelView,
  layout: ColumnLayout,
  window: EpochWindow,
): { readonly row: HTMLTableRowElement; readonly widths: readonly HTMLElement[] } {
  const { epochWidth } = layout;
  const row = h('tr', { 'aria-rowindex': 1 });
  const widths: HTMLElement[] = [];
  const add = (cell: HTMLElement, width: number): void => {
    const column = h('col');
    column.style.setProperty('width', `${String(width)}px`);
    row.append(cell);
    widths.push(column);
  };
  add(h('th', { scope: 'col', class: 'name', 'aria-colindex': 1 }, 'Tensor'), layout.name);
  if (window.from > 0) add(spacer(), window.from * epochWidth);
  for (let at = window.from; at < window.to; at++) {
    const column = model.columns[at];
    if (column === undefined) continue;
    const place = { scope: 'col', class: 'epoch', 'aria-colindex': at + 2, title: column.text };
    const { title } = column;
    const cell = isEpoch(column) ? h('th', place, hidden('epoch '), title) : h('th', place, title);
    add(cell, epochWidth);
  }
  if (window.to < layout.epochs) add(spacer(), (layout.epochs - window.to) * epochWidth);
  layout.trailing.forEach(({ id, title, width }, index) => {
    const kind = id === 'elements' ? 'trailing number' : 'trailing';
    const place = { scope: 'col', class: kind, 'aria-colindex': layout.epochs + 2 + index };
    add(h('th', place, title), width);
  });
  return { row, widths };
}
