import type { NoteView } from '../runs/report/reportView';
import { button } from './controls';
import { h } from './dom';
import type { Host } from './host';

const GLYPHS: Readonly<Record<NoteView['level'], string>> = { error: 'm', warning: 'a', info: 'o' };

type Note = Pick<NoteView, 'level' | 'text' | 'advice'> & Partial<NoteView>;

/** Messages of the run with their advice; one that offers rules is a card with a button. */
export function noteList(notes: readonly Note[], host: Host): HTMLElement {
  return h('ul', { class: 'notes' }, ...notes.map((note) => noteItem(note, host)));
}

function noteItem(note: Note, host: Host): HTMLElement {
  const { level, text, advice, rules = [] } = note;
  return h(
    'li',
    { 'data-level': level, class: rules.length > 0 ? 'card' : null },
    h('span', { class: 'glyph', 'data-cell': GLYPHS[level], 'aria-hidden': 'true' }),
    h(
      'div',
      {},
      h(
        'p',
        {},
        h('span', { class: 'sr' }, `${level}: `),
        text,
        advice === '' ? null : h('span', { class: 'advice' }, ` ${advice}`),
      ),
      ...offer(note, host),
    ),
  );
}

/** The rules that a message offers, and the button that adds them to the config. */
function offer({ rules = [], message = null }: Note, host: Host): readonly HTMLElement[] {
  if (rules.length === 0 || message === null) return [];
  const these = rules.length === 1 ? 'this rule' : 'these rules';
  return [
    h('ul', { class: 'offer' }, ...rules.map((rule) => h('li', {}, h('code', {}, rule)))),
    button(`Add ${these} to permafrost.json`, `Append ${these} to "freeze"`, () => {
      host.send({ type: 'applyRules', message });
    }),
  ];
}
