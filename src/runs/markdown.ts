import type { RunState } from './state';
import { verdictSentence } from './words';

/** The report of a run as Markdown, for a pull request. */
export function renderMarkdown(state: RunState): string {
  return `**${verdictSentence(state)}**\n`;
}
