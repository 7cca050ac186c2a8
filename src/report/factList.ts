import type { FactView } from '../runs/report/reportView';
import { h } from './dom';

/** A description list of facts. */
export function factList(facts: readonly FactView[]): HTMLElement {
  return h(
    'dl',
    { class: 'facts' },
    ...facts.map(({ label, text, code }) =>
      h('div', {}, h('dt', {}, label), h('dd', {}, code ? h('code', {}, text) : text)),
    ),
  );
}
