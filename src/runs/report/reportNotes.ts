import type { NoteView, OfferView } from './reportView';
import type { ConfigRule } from '../events';
import { rankWords } from '../reduce/ranks';
import type { MessageState, RunState } from '../state';
import {
  asksForEngine,
  CACHE_SETTING,
  offeredCache,
  offerWords,
  untoldFallback,
} from '../words/engineWords';
import { sentence } from '../words/sentence';
import { visibleText } from '../words/visibleText';

/** Notes shown, newest kept: a script can warn at every batch. */
const MOST_NOTES = 200;

/** The messages of a run in the order of their time, then what is to be said beside them. */
export function noteViews(state: RunState): readonly NoteView[] {
  const { messages, garbledLines } = state;
  const several = state.models.some(({ ranks }) => ranks.length > 1);
  const notes = messages
    .map((message, index) => ({ message, index }))
    .sort((a, b) => (several ? a.message.t - b.message.t : a.index - b.index))
    .slice(-MOST_NOTES)
    .map(({ message, index }) => noteView(message, index, several));
  if (messages.length > MOST_NOTES) {
    notes.unshift(
      plainNote(
        'info',
        `${String(messages.length - MOST_NOTES)} earlier messages are in the events file only.`,
      ),
    );
  }
  if (garbledLines > 0) {
    notes.push(
      plainNote(
        'warning',
        `${String(garbledLines)} lines of the events file could not be read.`,
        'What they said is missing here; nothing that depends on them is called intact.',
      ),
    );
  }
  return [...notes, ...engineNotes(state), ...cacheNotes(state)];
}

/** A note that no message of the run is behind. */
function plainNote(
  level: NoteView['level'],
  text: string,
  advice = '',
  offer: OfferView | null = null,
): NoteView {
  return { level, text, advice, offer };
}

/** A fall-back is a warning, also where no message of the run tells it. */
function engineNotes(state: RunState): readonly NoteView[] {
  const reason = untoldFallback(state);
  if (reason === null) return [];
  const offer: OfferView | null = asksForEngine(reason) ? { kind: 'engine' } : null;
  return [plainNote('warning', visibleText(reason), '', offer)];
}

function cacheNotes(state: RunState): readonly NoteView[] {
  const cache = offeredCache(state);
  if (cache === undefined) return [];
  const advice = `Set ${CACHE_SETTING} for the next run.`;
  const offer: OfferView = { kind: 'cache', setting: CACHE_SETTING };
  return [plainNote('info', visibleText(offerWords(cache)), advice, offer)];
}

function noteView(message: MessageState, index: number, several: boolean): NoteView {
  const { level, text, advice = '', ranks = [] } = message;
  const who = several && ranks.length > 0 ? ` (${rankWords(ranks)})` : '';
  return {
    level,
    text: visibleText(who === '' && advice !== '' ? sentence(text) : `${text}${who}`),
    advice: visibleText(advice),
    offer: offerOf(message, index),
  };
}

function offerOf({ text, advice = '', rules = [] }: MessageState, index: number): OfferView | null {
  if (rules.length > 0) return { kind: 'rules', rules: rules.map(ruleText), message: index };
  return asksForEngine(`${text} ${advice}`) ? { kind: 'engine' } : null;
}

/** A rule as it would stand in the config, on one line: `{ "match": "**", "until": 2 }`. */
function ruleText(rule: ConfigRule): string {
  if (typeof rule === 'string') return visibleText(JSON.stringify(rule));
  const fields = Object.entries(rule).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  return visibleText(`{ ${fields.join(', ')} }`);
}
