import type { ModelView, ReportView } from '../runs/report/reportView';
import { checkbox, textField } from './controls';
import { h, setText } from './dom';
import type { Host } from './host';
import { Inspector } from './inspector';
import { legendItems } from './legend';
import { Section } from './section';
import { countTensors, tableRows, type TableRow } from './tableRows';
import { TensorTable } from './tensorTable';
import type { UiStateKeeper } from './uiState';

/** The table with its filter, legend and inspector. */
export class TensorSection {
  readonly section: Section;
  private readonly table: TensorTable;
  private readonly inspector: Inspector;
  private readonly summary = h('p', { class: 'summary' });
  private readonly legend = h('ul', { class: 'legend', 'aria-label': 'Legend' });
  private readonly shown = h('p', { class: 'shown', role: 'status' });
  private readonly onlyProblems: HTMLElement;
  private readonly folded = new Set<string>();
  private view: ReportView | null = null;
  private selected: { readonly tensor: number; readonly column: number } | null = null;

  constructor(
    host: Host,
    private readonly ui: UiStateKeeper,
  ) {
    this.inspector = new Inspector(host);
    this.table = new TensorTable({
      select: (row, column) => {
        this.select(row, column);
      },
      activate: (row) => {
        if (row.kind === 'tensor') {
          host.send({ type: 'revealTensor', model: ui.current.model, row: row.tensor });
        }
      },
      fold: (module, open) => {
        if (open) this.folded.delete(module);
        else this.folded.add(module);
        this.refresh();
      },
    });
    this.onlyProblems = checkbox('Only problems', ui.current.onlyProblems, (onlyProblems) => {
      this.change({ onlyProblems });
    });
    this.section = new Section(
      'tensors',
      'Tensors',
      ui,
      h('div', { class: 'lead' }, this.summary, this.legend),
      this.toolbar(),
      this.table.element,
      this.inspector.element,
    );
  }

  /** Shows the chosen model of a view. */
  update(view: ReportView): void {
    this.view = view;
    this.refresh();
  }

  /** Forgets the place in the table, because another model was chosen. */
  reset(): void {
    this.table.reset();
    this.selected = null;
  }

  private change(part: Parameters<UiStateKeeper['set']>[0]): void {
    this.ui.set(part);
    this.refresh();
  }

  private toolbar(): HTMLElement {
    const { ui } = this;
    return h(
      'div',
      { class: 'toolbar', role: 'search' },
      textField('Filter tensors', 'Filter by name, class or kind', ui.current.filter, (filter) => {
        this.change({ filter });
      }),
      this.onlyProblems,
      checkbox('Group by layer', ui.current.grouped, (grouped) => {
        this.change({ grouped });
      }),
      this.shown,
    );
  }

  private refresh(): void {
    const { view, ui } = this;
    const model = view?.models[ui.current.model];
    this.section.show(model !== undefined);
    if (view === null || model === undefined) return;
    const { filter: text, grouped } = ui.current;
    // A checkpoint that is only listed has no verdicts.
    this.onlyProblems.hidden = view.kind === 'checkpoint';
    const onlyProblems = ui.current.onlyProblems && !this.onlyProblems.hidden;
    const rows = tableRows(model, { text, onlyProblems, grouped, folded: this.folded });
    setText(this.summary, model.summary);
    setText(this.shown, shownWords(countTensors(rows), model));
    this.legend.replaceChildren(...legendItems(model));
    this.table.show(view.kind, model, rows, grouped);
    if (this.selected === null) this.inspector.clear();
    else this.inspector.show(view, ui.current.model, this.selected.tensor, this.selected.column);
  }

  private select(row: TableRow, column: number): void {
    this.selected = row.kind === 'tensor' ? { tensor: row.tensor, column } : null;
    if (this.view === null || this.selected === null) this.inspector.clear();
    else this.inspector.show(this.view, this.ui.current.model, this.selected.tensor, column);
  }
}

function shownWords(shown: number, { tensors }: ModelView): string {
  const all = tensors.length.toLocaleString('en');
  if (shown === tensors.length) return `${all} ${tensors.length === 1 ? 'tensor' : 'tensors'}`;
  return `${shown.toLocaleString('en')} of ${all} tensors`;
}
