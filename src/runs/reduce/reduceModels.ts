import type { EventOf } from '../events';
import { mergeVerification } from './mergeVerification';
import type { EpochState, ModelState } from '../state';

type ModelEvent = EventOf<'model' | 'epoch-started' | 'progress' | 'epoch-ended' | 'verified'>;

/**
 * The models after one more event of a model. An event belongs to the last model that its process
 * announced by that name; events of a model that was never announced get one without tensors, so
 * that nothing is dropped in silence.
 */
export function reduceModels(
  models: readonly ModelState[],
  event: ModelEvent,
): readonly ModelState[] {
  const index = currentIndex(models, event);
  const current = models[index];
  if (event.type === 'model') return describe(models, index, event);
  if (current === undefined) return [...models, advance(undescribed(models, event), event)];
  if (event.type === 'epoch-started' && isRestart(current, event)) {
    return [...models, advance(again(models, current), event)];
  }
  const next = advance(current, event);
  return next === current ? models : models.with(index, next);
}

/** Index of the model that an event of `event.proc` means by its name; -1 when there is none. */
export function currentIndex(
  models: readonly ModelState[],
  event: { readonly model: string; readonly proc: string },
): number {
  return models.findLastIndex(
    (model) => model.eventName === event.model && model.proc === event.proc,
  );
}

/** A model that has trained keeps its epochs: the same name announced again is another model. */
function describe(
  models: readonly ModelState[],
  index: number,
  event: EventOf<'model'>,
): readonly ModelState[] {
  const current = models[index];
  if (current !== undefined && current.epochs.length === 0) {
    return models.with(index, described(current.name, event));
  }
  return [...models, described(distinct(models, event.model), event)];
}

/** A model before its first epoch. */
const UNTRAINED = { totalEpochs: null, epochs: [], progress: null } as const;

function described(name: string, event: EventOf<'model'>): ModelState {
  const { className, tensors, frozen, matched, trainableBefore, trainableAfter, proc } = event;
  return {
    name,
    eventName: event.model,
    ...{ className, proc, tensors, frozen, matched, trainableBefore, trainableAfter },
    ...UNTRAINED,
  };
}

function undescribed(models: readonly ModelState[], event: ModelEvent): ModelState {
  return {
    name: distinct(models, event.model),
    eventName: event.model,
    className: '',
    proc: event.proc,
    tensors: [],
    frozen: {},
    matched: [],
    trainableBefore: 0,
    trainableAfter: 0,
    ...UNTRAINED,
  };
}

function again(models: readonly ModelState[], model: ModelState): ModelState {
  return {
    ...model,
    name: distinct(models, model.eventName),
    ...UNTRAINED,
  };
}

function distinct(models: readonly ModelState[], name: string): string {
  const taken = new Set(models.map((model) => model.name));
  let candidate = name;
  for (let number = 2; taken.has(candidate); number++) candidate = `${name} (${number})`;
  return candidate;
}

/** An epoch that has ended starts anew: the model trains again from the beginning. */
function isRestart(model: ModelState, event: EventOf<'epoch-started'>): boolean {
  const epoch = model.epochs.find(({ epoch }) => epoch === event.epoch);
  return epoch !== undefined && epoch.milliseconds !== null && event.t > epoch.startedAt;
}

function advance(model: ModelState, event: Exclude<ModelEvent, { type: 'model' }>): ModelState {
  switch (event.type) {
    case 'epoch-started': {
      const { epoch, epochs: totalEpochs, clock } = event;
      const started = withEpoch(model, event, (known) => {
        return { ...known, clock, previous: event.previous ?? known.previous };
      });
      return {
        ...started,
        totalEpochs,
        progress: { epoch, batch: 0, batches: null, loss: null },
      };
    }
    case 'progress': {
      const { epoch, batch, batches, loss = null } = event;
      const known = model.epochs.some((state) => state.epoch === epoch)
        ? model
        : withEpoch(model, event, (state) => state);
      return { ...known, progress: { epoch, batch, batches, loss } };
    }
    case 'epoch-ended': {
      const { metrics, milliseconds } = event;
      const ended = withEpoch(model, event, (known) => ({ ...known, metrics, milliseconds }));
      return { ...ended, progress: null };
    }
    case 'verified':
      return withEpoch(model, event, (known) => ({
        ...known,
        verification: mergeVerification(known.verification, event),
      }));
  }
}

/** Epochs stay in order, also when their events do not come so. */
function withEpoch(
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
  };
  return { ...model, epochs: epochs.toSpliced(index + 1, 0, change(fresh)) };
}
