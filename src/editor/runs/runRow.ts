import type { RunState } from '../../runs/state';
import { statusText, verdictSentence } from '../../runs/words/words';

/** What the runs view shows of a run. */
export interface RunRow {
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  readonly spoken: string;
  /** Codicon. */
  readonly icon: string;
  /** Theme colour of the icon. */
  readonly color: string | undefined;
}

/** The row of a run; `state` is undefined when it cannot be read. */
export function runRow(id: string, state: RunState | undefined, live: boolean, now: Date): RunRow {
  if (state === undefined) {
    const text = 'cannot be read';
    return { label: id, description: text, tooltip: id, spoken: `${id}, ${text}`, ...WARNING };
  }
  const label = state.startedAt === 0 ? id : timeText(new Date(state.startedAt), now);
  const verdict = live ? statusText(state) : verdictSentence(state);
  return {
    label,
    description: verdict,
    tooltip: [id, state.command, verdictSentence(state)].join('\n'),
    spoken: `Run of ${label}, ${live ? 'running' : state.status}, ${verdict}`,
    ...iconOf(state, live),
  };
}

type Icon = Pick<RunRow, 'icon' | 'color'>;
const WARNING: Icon = { icon: 'warning', color: 'list.warningForeground' };

/** How a run stands, as an icon: in the runs view and in the status bar. */
export function iconOf({ verdict, status }: RunState, live: boolean): Icon {
  if (verdict.kind === 'moved') return { icon: 'error', color: 'list.errorForeground' };
  if (live) return { icon: 'sync~spin', color: undefined };
  if (verdict.kind === 'intact' && status === 'finished') {
    return { icon: 'pass', color: 'testing.iconPassed' };
  }
  if (verdict.kind === 'nothing frozen' && status === 'finished') {
    return { icon: 'circle-slash', color: undefined };
  }
  return WARNING;
}

/** `18:15:03` for today, `Nov 23, 18:15` for another day. */
function timeText(time: Date, now: Date): string {
  const today = time.toDateString() === now.toDateString();
  return today
    ? time.toLocaleTimeString('en', { hour12: false })
    : time.toLocaleString('en', {
        ...{ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' },
        hour12: false,
      });
}
