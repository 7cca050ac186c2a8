import type { ModelView } from '../runs/report/reportView';
import { h, link } from './dom';
import type { Host } from './host';

const FIRST = 24;

/** Trainable tensors that never moved; long lists show their beginning until more is asked for. */
export function unmovedList(model: ModelView, index: number, host: Host): HTMLElement {
  const items = model.unmoved.map((row) => {
    const name = model.tensors[row]?.name ?? '';
    return h(
      'li',
      {},
      link(name, 'Reveal in tree', () => {
        host.send({ type: 'revealTensor', model: index, row });
      }),
    );
  });
  const list = h('ul', { class: 'names' }, ...items.slice(0, FIRST));
  const rest = items.slice(FIRST);
  if (rest.length === 0) return list;
  const more = link(`Show ${rest.length.toLocaleString('en')} more`, '', () => {
    list.append(...rest);
    more.remove();
    rest[0]?.querySelector('button')?.focus();
  });
  return h('div', {}, list, more);
}
