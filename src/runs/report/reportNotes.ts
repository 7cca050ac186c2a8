import type { NoteView } from './reportView';
import type { ConfigRule } from '../events';
import { rankWords } from '../reduce/ranks';
import type { MessageState, RunState } from '../state';
import { visibleText } from '../words/visibleText';

/** Notes shown, newest kept: a script can warn at every batch. */
const MOST_NOTES = 200;

/** The messages of a run, in the order of their time, and what is to be said of its files. */
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
  return notes;
}

/** A note that no message of the run is behind. */
export function plainNote(level: NoteView['level'], text: string, advice = ''): NoteView {
  return { level, text, advice, rules: [], message: null };
}

function noteView(message: MessageState, index: number, several: boolean): NoteView {
  const { level, text, advice = '', ranks = [], rules = [] } = message;
  const who = several && ranks.length > 0 ? ` (${rankWords(ranks)})` : '';
  return {
    level,
    text: visibleText(`${text}${who}`),
    advice: visibleText(advice),
    rules: rules.map(ruleText),
    message: index,
  };
}

/** A rule as it would stand in the config, on one line: `{ "match": "**", "until": 2 }`. */
function ruleText(rule: ConfigRule): string {
  if (typeof rule === 'string') return visibleText(JSON.stringify(rule));
  const fields = Object.entries(rule).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  return visibleText(`{ ${fields.join(', ')} }`);
}
