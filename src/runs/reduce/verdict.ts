import { doubtOf } from './doubts';
import { firstFrozenEpoch, frozenCount } from './frozenCount';
import type { ModelState, Movement, RunState, RunVerdict } from '../state';

/**
 * The verdict over all that a run has shown so far, worst first.
 * @param movements the frozen tensors that moved
 */
export function runVerdict(state: RunState, movements: readonly Movement[]): RunVerdict {
  if (movements.length > 0) return { kind: 'moved', movements };
  const over = isOver(state);
  const reason = doubtOf(state, over);
  if (reason !== null) return { kind: 'not verified', reason };
  if (state.models.length === 0) return { kind: over ? 'no model' : 'pending' };
  const intact = intactOf(state.models);
  if (intact !== null) return intact;
  const everFrozen = state.models.some(({ frozen }) => firstFrozenEpoch(frozen) !== null);
  return { kind: everFrozen && !over ? 'pending' : 'nothing frozen' };
}

/** Whether no more events are to be expected. */
export function isOver(state: RunState): boolean {
  return state.endedAt !== null || state.status === 'lost';
}

function intactOf(models: readonly ModelState[]): RunVerdict | null {
  let tensors = 0;
  let epochs = 0;
  for (const model of models) {
    let most = 0;
    let verified = 0;
    for (const { epoch, verification } of model.epochs) {
      const frozen = verification === null ? 0 : frozenCount(model.frozen, epoch);
      if (frozen > 0) verified++;
      most = Math.max(most, frozen);
    }
    tensors += most;
    epochs = Math.max(epochs, verified);
  }
  return epochs === 0 ? null : { kind: 'intact', tensors, epochs };
}
