import type { ModelView } from '../runs/report/reportView';
import { h } from './dom';
import type { Host } from './host';
import { noteList } from './notes';
import { WORDS } from './verdicts';

/** The verdict of each process that trains the model, and whether they hold the same values. */
export function rankTable({ ranks, rankNote }: ModelView, host: Host): readonly HTMLElement[] {
  const note = rankNote === null ? null : noteList([warning(rankNote)], host);
  const table = h(
    'table',
    { class: 'plain' },
    h(
      'thead',
      {},
      h('tr', {}, ...['Rank', 'Verdict'].map((word) => h('th', { scope: 'col' }, word))),
    ),
    h(
      'tbody',
      {},
      ...ranks.map(({ rank, letter, text }) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, String(rank)),
          h(
            'td',
            {},
            h('span', { class: 'glyph', 'data-cell': letter, title: WORDS[letter] }),
            ` ${text}`,
          ),
        ),
      ),
    ),
  );
  return note === null ? [table] : [note, table];
}

function warning(text: string): { level: 'warning'; text: string; advice: string } {
  return { level: 'warning', text, advice: '' };
}
