import type { NoteView, OfferView } from '../runs/report/reportView';
import { button } from './controls';
import { h } from './dom';
import type { Host } from './host';

const GLYPHS: Readonly<Record<NoteView['level'], string>> = { error: 'm', warning: 'a', info: 'o' };

type Note = Pick<NoteView, 'level' | 'text' | 'advice'> & Partial<NoteView>;

/** Messages of the run with their advice; one that offers something is a card with a button. */
export function noteList(notes: readonly Note[], host: Host): HTMLElement {
  return h('ul', { class: 'notes' }, ...notes.map((note) => noteItem(note, host)));
}

function noteItem(note: Note, host: Host): HTMLElement {
  const { level, text, advice, offer = null } = note;
  return h(
    'li',
    { 'data-level': level, class: offer === null ? null : 'card' },
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
      ...(offer === null ? [] : offerItems(offer, host)),
    ),
  );
}

/** What a note offers, and the button that does it. */
function offerItems(offer: OfferView, host: Host): readonly HTMLElement[] {
  switch (offer.kind) {
    case 'rules': {
      const { rules, message } = offer;
      const these = rules.length === 1 ? 'this rule' : 'these rules';
      return [
        codeList(rules),
        button(`Add ${these} to permafrost.json`, `Append ${these} to "freeze"`, () => {
          host.send({ type: 'applyRules', message });
        }),
      ];
    }
    case 'cache':
      return [
        codeList([offer.setting]),
        button('Add this to permafrost.json', `Set ${offer.setting}`, () => {
          host.send({ type: 'useCache' });
        }),
      ];
    case 'engine':
      return [
        button('Set Up GPU Engine', 'Install what the training can run on', () => {
          host.send({ type: 'setUpEngine' });
        }),
      ];
  }
}

function codeList(lines: readonly string[]): HTMLElement {
  return h('ul', { class: 'offer' }, ...lines.map((line) => h('li', {}, h('code', {}, line))));
}
