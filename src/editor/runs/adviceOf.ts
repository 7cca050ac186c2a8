import type { ConfigRule } from '../../runs/events';
import type { RunState } from '../../runs/state';

/** What a run advises. */
export interface GivenAdvice {
  /** What is wrong and the way out, as sentences. */
  readonly text: string;
  /** The way out as rules to append. */
  readonly rules: readonly ConfigRule[];
}

/** The last advice with rules that a run gave; undefined when it gave none. */
export function adviceOf({ messages }: RunState): GivenAdvice | undefined {
  const message = messages.findLast(({ rules = [] }) => rules.length > 0);
  if (message === undefined) return undefined;
  const text = /[.!?]$/.test(message.text) ? message.text : `${message.text}.`;
  return { text: [text, message.advice ?? ''].join(' ').trim(), rules: message.rules ?? [] };
}
