import type { ColumnView, ModelView, ReportView, TensorView } from '../runs/report/reportView';
import { button } from './controls';
import { h } from './dom';
import type { Host } from './host';
import { cellText, isEpoch, problemOf } from './tableCells';

/** The line under the table: all that is known of the tensor in the active cell. */
export class Inspector {
  readonly element = h('div', {
    class: 'inspector',
    role: 'group',
    'aria-label': 'Selected tensor',
  });

  constructor(private readonly host: Host) {
    this.clear();
  }

  clear(): void {
    this.element.replaceChildren(
      h('p', { class: 'muted' }, 'Select a cell to see what is known of its tensor.'),
    );
  }

  /** `column` is 0 for the name, then the position of the epoch from 1. */
  show(view: ReportView, index: number, row: number, column: number): void {
    const model = view.models[index];
    const tensor = model?.tensors[row];
    if (model === undefined || tensor === undefined) {
      this.clear();
      return;
    }
    const facts = [
      `${tensor.kind}${tensor.type === '' ? '' : ` of ${tensor.type}`}`,
      tensor.shape,
      `${tensor.elements.toLocaleString('en')} ${tensor.elements === 1 ? 'element' : 'elements'}`,
      tensor.dtype,
      ...(tensor.aliases === '' ? [] : [`also named ${tensor.aliases}`]),
      frozenWords(view, tensor),
    ];
    this.element.replaceChildren(
      h(
        'div',
        { class: 'inspector-text' },
        h('p', {}, h('code', {}, tensor.name), ` ${verdict(model, row, column)}`),
        h('p', { class: 'muted' }, facts.join(' · ')),
      ),
      this.actions(view, index, row),
    );
  }

  private actions(view: ReportView, index: number, row: number): HTMLElement {
    const model = view.models[index];
    const rule = model?.tensors[row]?.rule ?? null;
    const source = model === undefined ? '' : (problemOf(model, row)?.source ?? '');
    const { host } = this;
    return h(
      'div',
      { class: 'actions' },
      button('Reveal in Tree', 'Select this tensor in the parameter tree', () => {
        host.send({ type: 'revealTensor', model: index, row });
      }),
      rule === null
        ? null
        : button('Open Rule', view.rules[rule]?.text ?? '', () => {
            host.send({ type: 'openConfig', rule });
          }),
      source === ''
        ? null
        : button('Open Cause', source, () => {
            host.send({ type: 'openCause', model: index, row });
          }),
    );
  }
}

function frozenWords({ rules }: ReportView, { frozen, rule }: TensorView): string {
  if (frozen === '') return 'trainable';
  const text = rule === null ? undefined : rules[rule]?.text;
  return text === undefined ? frozen : `${frozen} by rule ${text}`;
}

function verdict(model: ModelView, row: number, column: number): string {
  const epoch = model.columns[column - 1];
  const [only] = model.columns;
  if (model.columns.length === 1 && only !== undefined && !isEpoch(only)) {
    return cellText(only, row);
  }
  if (epoch !== undefined) return `${columnName(epoch)}: ${cellText(epoch, row)}`;
  const last = model.columns.at(-1);
  if (last === undefined) return '';
  return `latest, ${columnName(last)}: ${cellText(last, row)}`;
}

function columnName(column: ColumnView): string {
  return isEpoch(column) ? `epoch ${column.title}` : column.title;
}
