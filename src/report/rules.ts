import type { RuleView } from '../runs/report/reportView';
import { h, link } from './dom';
import type { Host } from './host';

/** The rules of the config and what each matched, in their order. */
export function ruleTable(rules: readonly RuleView[], host: Host): HTMLElement {
  return h(
    'table',
    { class: 'plain' },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', { scope: 'col' }, 'Rule'),
        h(
          'th',
          { scope: 'col', class: 'number', title: 'Tensors that the rule matches' },
          'Matches',
        ),
        h(
          'th',
          { scope: 'col', class: 'number', title: 'Tensors that it freezes: the last rule wins' },
          'Freezes',
        ),
      ),
    ),
    h('tbody', {}, ...rules.map((rule, index) => ruleRow(rule, index, host))),
  );
}

function ruleRow({ text, matched, frozen }: RuleView, index: number, host: Host): HTMLElement {
  const open = (): void => {
    host.send({ type: 'openConfig', rule: index });
  };
  return h(
    'tr',
    { class: matched === 0 ? 'warning' : null },
    h('td', {}, link(text, 'Open config at this rule', open)),
    h('td', { class: 'number' }, count(matched)),
    h('td', { class: 'number' }, count(frozen)),
  );
}

function count(value: number | null): string {
  return value === null ? 'not known' : value.toLocaleString('en');
}
