import { isVerified } from './cells';
import { doubtOf } from './doubts';
import { firstFrozenEpoch, frozenCount } from './frozenCount';
import { nameInAnyAttempt } from './ranks';
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

/** A model that was started again, all ranks at once, is the same model and counts once. */
function intactOf(models: readonly ModelState[]): RunVerdict | null {
  const verified = new Map<string, Verified>();
  for (const model of models) {
    const name = nameInAnyAttempt(model);
    const known = verified.get(name);
    const own = verifiedIn(model);
    verified.set(name, known === undefined ? own : together(known, own));
  }
  const all = [...verified.values()];
  const epochs = Math.max(0, ...all.map((each) => each.epochs.length));
  const tensors = all.reduce((sum, { most }) => sum + most, 0);
  return epochs === 0 ? null : { kind: 'intact', tensors, epochs };
}

interface Verified {
  /** In which frozen tensors were verified. */
  readonly epochs: readonly number[];
  /** The most frozen tensors in one of them. */
  readonly most: number;
}

function together(a: Verified, b: Verified): Verified {
  return {
    epochs: [...new Set([...a.epochs, ...b.epochs])],
    most: Math.max(a.most, b.most),
  };
}

function verifiedIn(model: ModelState): Verified {
  const epochs: number[] = [];
  let most = 0;
  for (const epoch of model.epochs) {
    const frozen = isVerified(model, epoch) ? frozenCount(model.frozen, epoch.epoch) : 0;
    if (frozen > 0) epochs.push(epoch.epoch);
    most = Math.max(most, frozen);
  }
  return { epochs, most };
}
