import type { EventOf } from '../events';
import { mergeVerification } from './mergeVerification';
import { withEpoch } from './newModel';
import type { EpochState, ModelState } from '../state';

/** Events of a model that has been announced. */
export type EpochEvent = EventOf<'epoch-started' | 'progress' | 'epoch-ended' | 'verified'>;

/** The model after one more event of the one process that trains it. */
export function advance(model: ModelState, event: EpochEvent): ModelState {
  if (event.type === 'progress') return withProgress(model, event);
  return around(
    withEpoch(model, event, (epoch) =>
      event.type === 'verified'
        ? { ...epoch, verification: mergeVerification(epoch.verification, event) }
        : withCourse(epoch, event),
    ),
    event,
  );
}

/** An epoch with what its beginning or its end told. */
export function withCourse(
  epoch: EpochState,
  event: EventOf<'epoch-started' | 'epoch-ended'>,
): EpochState {
  if (event.type === 'epoch-ended') {
    return { ...epoch, metrics: event.metrics, milliseconds: event.milliseconds };
  }
  return { ...epoch, clock: event.clock, previous: event.previous ?? epoch.previous };
}

/** The model with what an event tells beside its epochs. */
export function around(model: ModelState, event: EpochEvent): ModelState {
  switch (event.type) {
    case 'epoch-started': {
      const progress = { epoch: event.epoch, batch: 0, batches: null, loss: null };
      return { ...model, totalEpochs: event.epochs, progress };
    }
    case 'epoch-ended':
      return { ...model, progress: null };
    case 'progress':
    case 'verified':
      return model;
  }
}

/** The model with its place in the epoch under way. */
export function withProgress(model: ModelState, event: EventOf<'progress'>): ModelState {
  const { epoch, batch, batches, loss = null } = event;
  const known = model.epochs.some((state) => state.epoch === epoch)
    ? model
    : withEpoch(model, event, (state) => state);
  return { ...known, progress: { epoch, batch, batches, loss } };
}
