import type { RunState } from '../../runs/state';
import { deviceWords, engineWords, shortDevice } from '../../runs/words/engineWords';
import { sentence } from '../../runs/words/sentence';
import { visibleText } from '../../runs/words/visibleText';
import { statusText, verdictSentence } from '../../runs/words/words';
import { iconOf } from './runRow';

/** What the status bar shows of a run. */
export interface StatusView {
  readonly text: string;
  readonly tooltip: string;
  readonly spoken: string;
  readonly severity: 'none' | 'warning' | 'error';
}

/**
 * The status bar's item for a run.
 * @param live whether the run is still going on
 * @param others how many more runs are live
 */
export function statusView(state: RunState, live: boolean, others: number): StatusView {
  const batch = live ? batchText(state) : '';
  const more = others === 0 ? '' : ` (+${String(others)})`;
  const device = state.engine === null ? '' : ` · ${visibleText(shortDevice(state.engine))}`;
  const words = `${statusText(state)}${batch}${device}${more}`;
  return {
    text: `$(${iconOf(state, live).icon}) ${words}`,
    tooltip: [`Permafrost: ${verdictSentence(state)}`, ...engineLines(state), state.command].join(
      '\n',
    ),
    spoken: `Permafrost: ${words}`,
    severity: severity(state, live),
  };
}

/** What computes, where, and why nothing else does. */
function engineLines({ engine }: RunState): readonly string[] {
  if (engine === null) return [];
  const what = `${engineWords(engine)}, on ${deviceWords(engine)}`;
  return [what, ...(engine.fallback === null ? [] : [sentence(engine.fallback)])].map(visibleText);
}

function batchText({ models }: RunState): string {
  const progress = models.at(-1)?.progress;
  if (progress?.batches == null || progress.batches === 0) return '';
  const percent = Math.floor((100 * progress.batch) / progress.batches);
  return ` · ${String(Math.min(100, percent))}%`;
}

/** A verdict that may still come is no warning while the run goes on. */
function severity({ verdict }: RunState, live: boolean): StatusView['severity'] {
  if (verdict.kind === 'moved') return 'error';
  if (verdict.kind === 'not verified') return 'warning';
  return !live && (verdict.kind === 'no model' || verdict.kind === 'pending') ? 'warning' : 'none';
}
