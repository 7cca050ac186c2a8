import type { NoteView } from '../runs/report/reportView';
import { h } from './dom';

const GLYPHS: Readonly<Record<NoteView['level'], string>> = { error: 'm', warning: 'a', info: 'o' };

/** Messages of the run with their advice. */
export function noteList(notes: readonly NoteView[]): HTMLElement {
  return h(
    'ul',
    { class: 'notes' },
    ...notes.map(({ level, text, advice }) =>
      h(
        'li',
        { 'data-level': level },
        h('span', { class: 'glyph', 'data-cell': GLYPHS[level], 'aria-hidden': 'true' }),
        h(
          'p',
          {},
          h('span', { class: 'sr' }, `${level}: `),
          text,
          advice === '' ? null : h('span', { class: 'advice' }, ` ${advice}`),
        ),
      ),
    ),
  );
}
