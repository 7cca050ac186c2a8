import type { ColumnView, ModelView, NormLetter } from '../runs/report/reportView';
import { h } from './dom';
import { NORMS } from './verdicts';

/** Each BatchNorm-like layer: whether its statistics are frozen, and what it normalised with. */
export function normTable({ layers, columns }: ModelView): HTMLElement {
  return h(
    'table',
    { class: 'plain' },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', { scope: 'col' }, 'Layer'),
        h('th', { scope: 'col' }, 'Its statistics'),
        h('th', { scope: 'col' }, 'Normalised with'),
      ),
    ),
    h(
      'tbody',
      {},
      ...layers.map((layer, index) => {
        const stretches = stretchesOf(columns, index);
        const bad = stretches.some(({ letter }) => letter === 'B' || letter === 'M');
        return h(
          'tr',
          { class: bad ? 'warning' : null },
          h('th', { scope: 'row' }, h('code', {}, layer)),
          h('td', {}, spread(stretches, columns.length, frozenWord)),
          h(
            'td',
            {},
            spread(stretches, columns.length, ({ letter }) => NORMS[letter]),
          ),
        );
      }),
    ),
  );
}

interface Stretch {
  readonly letter: Exclude<NormLetter, '-'>;
  readonly from: number;
  until: number;
}

function stretchesOf(columns: readonly ColumnView[], layer: number): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const { epoch, norms } of columns) {
    const letter = norms.charAt(layer);
    if (!(letter in NORMS)) continue;
    const last = stretches.at(-1);
    if (last?.letter === letter) last.until = epoch;
    else stretches.push({ letter: letter as Stretch['letter'], from: epoch, until: epoch });
  }
  return stretches;
}

function frozenWord({ letter }: Stretch): string {
  return letter === letter.toUpperCase() ? 'frozen' : 'train';
}

/** `frozen` when it is so in all epochs, else `train (epochs 1–3), frozen (epochs 4–10)`. */
function spread(
  stretches: readonly Stretch[],
  epochs: number,
  word: (stretch: Stretch) => string,
): string {
  const merged: { word: string; from: number; until: number }[] = [];
  for (const stretch of stretches) {
    const last = merged.at(-1);
    if (last?.word === word(stretch)) last.until = stretch.until;
    else merged.push({ word: word(stretch), from: stretch.from, until: stretch.until });
  }
  const [only] = merged;
  if (merged.length === 1 && only !== undefined && epochs > 0) return only.word;
  return merged
    .map(({ word, from, until }) =>
      from === until
        ? `${word} (epoch ${String(from)})`
        : `${word} (epochs ${String(from)}–${String(until)})`,
    )
    .join(', ');
}
