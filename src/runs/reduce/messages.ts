import type { EventOf } from '../events';
import { rankOf } from './ranks';
import type { MessageState } from '../state';

/** How far back the message of another rank is looked for: a script can warn at every batch. */
const REMEMBERED = 500;

/** The messages after one more; what several ranks say alike stands once. */
export function withMessage(
  messages: readonly MessageState[],
  event: EventOf<'message'>,
): readonly MessageState[] {
  const { t, level, code, text, advice, rules } = event;
  const rank = rankOf(event.proc);
  const message = { t, level, code, text, advice, rules };
  if (rank === null) return [...messages, message];
  const from = Math.max(0, messages.length - REMEMBERED);
  const place = messages
    .slice(from)
    .findLastIndex(
      (each) =>
        each.ranks?.includes(rank) === false &&
        each.code === code &&
        each.text === text &&
        each.advice === advice,
    );
  const known = messages[from + place];
  if (place < 0 || known?.ranks === undefined) return [...messages, { ...message, ranks: [rank] }];
  const ranks = [...known.ranks, rank].sort((a, b) => a - b);
  return messages.with(from + place, { ...known, t: Math.min(known.t, t), ranks });
}
