import type { RunState } from './state';
import { verdictSentence } from './words';

/** The report of a run as one self-contained HTML file. */
export function renderHtml(state: RunState): string {
  return `<!DOCTYPE html><title>Permafrost</title><p>${verdictSentence(state).replaceAll('<', '&lt;')}</p>\n`;
}
