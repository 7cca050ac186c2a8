import type { RunState, RunStatus } from '../state';
import { visibleText } from '../words/visibleText';

/** Where a run stands: `Training`, `Failed: exit code 1`. */
export function statusWords(state: RunState): string {
  return `${STATUS[state.status]}${endWords(state)}`;
}

const STATUS: Readonly<Record<RunStatus, string>> = {
  starting: 'Starting',
  training: 'Training',
  finished: 'Finished',
  failed: 'Failed',
  cancelled: 'Cancelled',
  stopped: 'Stopped by Permafrost',
  lost: 'Lost: the process ended without a word',
};

function endWords({ status, exitCode, signal }: RunState): string {
  if (status !== 'failed') return '';
  if (signal !== null) return `: ended by ${visibleText(signal)}`;
  return exitCode === null ? '' : `: exit code ${String(exitCode)}`;
}
