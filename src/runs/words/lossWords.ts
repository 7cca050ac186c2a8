import type { ModelState, RunState } from '../state';
import { formatCount } from './numberWords';

/** ", but loss was NaN in epoch 3", for the last epoch of each model; empty for a finite loss. */
export function lossWords(state: RunState): string {
  const lost = new Set(state.models.flatMap((model) => lostLosses(model)));
  return lost.size === 0 ? '' : `, but ${[...lost].join(', ')}`;
}

function lostLosses({ epochs }: ModelState): readonly string[] {
  const last = epochs.findLast(({ metrics }) => Object.keys(metrics).length > 0);
  return Object.entries(last?.metrics ?? {})
    .filter(([name, value]) => /loss/i.test(name) && typeof value === 'string')
    .map(([name, value]) => {
      const what = value === 'NaN' ? 'NaN' : 'infinite';
      return `${name} was ${what} in epoch ${formatCount(last?.epoch ?? 0)}`;
    });
}
