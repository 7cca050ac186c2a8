import type { CellLetter, ModelView } from '../runs/report/reportView';
import { h } from './dom';
import { MEANINGS, WORDS } from './verdicts';

/** The glyphs that occur in a model's table, with their words. */
export function legendItems({ columns }: ModelView): readonly HTMLElement[] {
  const present = (Object.keys(WORDS) as CellLetter[]).filter((letter) =>
    columns.some(({ cells }) => cells.includes(letter)),
  );
  return present.map((letter) =>
    h(
      'li',
      { title: MEANINGS[letter] },
      h('span', { class: 'glyph', 'data-cell': letter, 'aria-hidden': 'true' }),
      WORDS[letter],
    ),
  );
}
