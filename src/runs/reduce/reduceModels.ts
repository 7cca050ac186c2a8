import type { EventOf } from '../events';
import { advance, type EpochEvent } from './advance';
import { descriptionOf, newModel, startsAnew } from './newModel';
import { attemptOf, rankOf } from './ranks';
import { reduceRanks } from './reduceRanks';
import type { ModelState, RunState } from '../state';

/**
 * The models after one more event of a model. An event belongs to the last model that its process
 * announced by that name; events of a model that was never announced get one without tensors, so
 * that nothing is dropped in silence.
 */
export function reduceModels(
  { models, processes }: Pick<RunState, 'models' | 'processes'>,
  event: EventOf<'model'> | EpochEvent,
): readonly ModelState[] {
  const index = currentIndex(models, event);
  const rank = rankOf(event.proc);
  const attempt = models[index]?.attempt ?? attemptOf(processes, event.proc);
  return rank === null
    ? reduceAlone(models, index, event, attempt)
    : reduceRanks(models, index, event, { rank, proc: event.proc, attempt });
}

/** Index of the model that an event of `event.proc` means by its name; -1 when there is none. */
export function currentIndex(
  models: readonly ModelState[],
  event: { readonly model: string; readonly proc: string },
): number {
  return models.findLastIndex(
    ({ eventName, proc, ranks }) =>
      eventName === event.model &&
      (proc === event.proc || ranks.some((rank) => rank.proc === event.proc)),
  );
}

/** A process without a rank has its models for itself. */
function reduceAlone(
  models: readonly ModelState[],
  index: number,
  event: EventOf<'model'> | EpochEvent,
  attempt: number,
): readonly ModelState[] {
  const current = models[index];
  if (event.type === 'model') {
    const description = descriptionOf(event);
    // A model that has trained keeps its epochs: the same name announced again is another model.
    return current !== undefined && current.epochs.length === 0
      ? models.with(index, { ...current, ...description })
      : [...models, newModel(models, event, attempt, description)];
  }
  if (current === undefined) {
    return [...models, advance(newModel(models, event, attempt), event)];
  }
  const known = current.epochs.find(({ epoch }) => epoch === event.epoch);
  if (event.type === 'epoch-started' && startsAnew(known, event)) {
    const again = newModel(models, event, attempt, descriptionOf(current));
    return [...models, advance(again, event)];
  }
  const next = advance(current, event);
  return next === current ? models : models.with(index, next);
}
