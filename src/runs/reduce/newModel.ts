import type { EventOf } from '../events';
import { attemptSuffix } from './ranks';
import type { EpochState, ModelState } from '../state';

/** What an announcement tells of a model. */
export type Description = Pick<
  ModelState,
  'className' | 'tensors' | 'frozen' | 'matched' | 'trainableBefore' | 'trainableAfter'
>;

/** A model before its first epoch. */
const UNTRAINED = { totalEpochs: null, epochs: [], progress: null } as const;

const UNDESCRIBED: Description = {
  className: '',
  tensors: [],
  frozen: {},
  matched: [],
  trainableBefore: 0,
  trainableAfter: 0,
};

/** What a `model` event describes, or another model as it was described. */
export function descriptionOf(event: Description): Description {
  const { className, tensors, frozen, matched, trainableBefore, trainableAfter } = event;
  return { className, tensors, frozen, matched, trainableBefore, trainableAfter };
}

/** A model that has not trained yet, under a name that none of `models` has. */
export function newModel(
  models: readonly ModelState[],
  event: { readonly model: string; readonly proc: string },
  attempt: number,
  description: Description = UNDESCRIBED,
): ModelState {
  return {
    name: distinct(models, event.model, attemptSuffix(attempt)),
    eventName: event.model,
    proc: event.proc,
    attempt,
    ranks: [],
    ...description,
    ...UNTRAINED,
  };
}

function distinct(models: readonly ModelState[], name: string, suffix: string): string {
  const taken = new Set(models.map((model) => model.name));
  let candidate = name;
  for (let number = 2; taken.has(candidate + suffix); number++) {
    candidate = `${name} (${String(number)})`;
  }
  return candidate + suffix;
}

/** The model with one epoch changed; epochs stay in order, also when their events do not come so. */
export function withEpoch(
  model: ModelState,
  event: { readonly epoch: number; readonly t: number },
  change: (epoch: EpochState) => EpochState,
): ModelState {
  const { epochs } = model;
  const index = epochs.findLastIndex(({ epoch }) => epoch <= event.epoch);
  const known = epochs[index];
  if (known?.epoch === event.epoch) return { ...model, epochs: epochs.with(index, change(known)) };
  const fresh: EpochState = {
    epoch: event.epoch,
    previous: null,
    clock: epochs.at(-1)?.clock ?? 'exit',
    startedAt: event.t,
    milliseconds: null,
    metrics: {},
    verification: null,
    ranks: {},
  };
  return { ...model, epochs: epochs.toSpliced(index + 1, 0, change(fresh)) };
}

/** Whether an epoch that has ended starts anew: the model trains again from the beginning. */
export function startsAnew(
  epoch: Pick<EpochState, 'startedAt' | 'milliseconds'> | undefined,
  event: EventOf<'epoch-started'>,
): boolean {
  return epoch !== undefined && epoch.milliseconds !== null && event.t > epoch.startedAt;
}
