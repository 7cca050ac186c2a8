import type { EventOf, Span } from '../events';
import { around, withCourse, withProgress, type EpochEvent } from './advance';
import { mergeRanks } from './mergeRanks';
import { mergeVerification } from './mergeVerification';
import { descriptionOf, newModel, startsAnew, withEpoch, type Description } from './newModel';
import type { EpochState, ModelState, RankEpoch } from '../state';

type Frozen = Readonly<Record<string, readonly Span[]>>;

/** Who tells an event of a model that several processes train together. */
interface Teller {
  readonly rank: number;
  readonly proc: string;
  readonly attempt: number;
}

/**
 * The models after one more event of a rank. The n-th model of a name on one rank is the n-th of
 * that name on every other rank of the same attempt; what is told of the model as a whole comes
 * from the lowest rank that announced it. In which order the files of the ranks are read does not matter.
 * @param index of the model that the event means; -1 when there is none yet
 */
export function reduceRanks(
  models: readonly ModelState[],
  index: number,
  event: EventOf<'model'> | EpochEvent,
  teller: Teller,
): readonly ModelState[] {
  const current = models[index];
  if (event.type === 'model') {
    const description = descriptionOf(event);
    if (current !== undefined && !hasTrained(current, teller.rank)) {
      return models.with(index, describe(current, teller, description));
    }
    return join(models, event, teller, (model) => describe(model, teller, description));
  }
  if (current === undefined) {
    return join(models, event, teller, (model) => advance(addRank(model, teller), event, teller));
  }
  const own = rankEpoch(current, event.epoch, teller.rank);
  if (event.type === 'epoch-started' && startsAnew(own, event)) {
    return join(models, event, teller, (model) =>
      advance(describeAgain(model, current, teller), event, teller),
    );
  }
  const next = advance(current, event, teller);
  return next === current ? models : models.with(index, next);
}

function hasTrained({ epochs }: ModelState, rank: number): boolean {
  return epochs.some(({ ranks }) => String(rank) in ranks);
}

function rankEpoch({ epochs }: ModelState, epoch: number, rank: number): RankEpoch | undefined {
  return epochs.find((each) => each.epoch === epoch)?.ranks[String(rank)];
}

/** Changes the first model of that name which the rank has not joined yet, or a new one. */
function join(
  models: readonly ModelState[],
  event: { readonly model: string },
  { rank, proc, attempt }: Teller,
  change: (model: ModelState) => ModelState,
): readonly ModelState[] {
  const index = models.findIndex(
    (model) =>
      model.eventName === event.model &&
      model.attempt === attempt &&
      model.ranks.length > 0 &&
      model.ranks.every((each) => each.rank !== rank),
  );
  const known = models[index];
  if (known !== undefined) return models.with(index, change(known));
  return [...models, change(newModel(models, { model: event.model, proc }, attempt))];
}

/**
 * The model as the lowest rank that announced it describes it, with what each other rank freezes
 * otherwise.
 */
function describe(model: ModelState, teller: Teller, description: Description): ModelState {
  const { rank, proc } = teller;
  const others = model.ranks.filter((each) => each.rank !== rank);
  if (others.some((each) => each.announced && each.rank < rank)) {
    const frozen = otherThan(model.frozen, description.frozen);
    return withRanks(model, [...others, { rank, proc, announced: true, frozen }]);
  }
  const before = otherThan(description.frozen, model.frozen);
  const ranks = others.map((each) => {
    if (!each.announced) return each;
    return { ...each, frozen: each.frozen ? otherThan(description.frozen, each.frozen) : before };
  });
  const own = { rank, proc, announced: true, frozen: null };
  const next = withRanks({ ...model, ...description }, [...ranks, own]);
  if (before === null) return next;
  const epochs = model.epochs.map((epoch) => ({ ...epoch, verification: mergeRanks(next, epoch) }));
  return { ...next, epochs };
}

/** A model as the rank described the one before, that it trains again. */
function describeAgain(model: ModelState, before: ModelState, teller: Teller): ModelState {
  const known = before.ranks.find(({ rank }) => rank === teller.rank);
  if (known?.announced !== true) return addRank(model, teller);
  const frozen = known.frozen ?? before.frozen;
  return describe(model, teller, { ...descriptionOf(before), frozen });
}

/** A rank whose announcement was lost is taken to freeze what the model does. */
function addRank(model: ModelState, { rank, proc }: Teller): ModelState {
  return withRanks(model, [...model.ranks, { rank, proc, announced: false, frozen: null }]);
}

function withRanks(model: ModelState, ranks: ModelState['ranks']): ModelState {
  const sorted = [...ranks].sort((a, b) => a.rank - b.rank);
  return { ...model, ranks: sorted, proc: sorted[0]?.proc ?? model.proc };
}

function otherThan(base: Frozen, frozen: Frozen): Frozen | null {
  return frozen === base || JSON.stringify(frozen) === JSON.stringify(base) ? null : frozen;
}

function advance(model: ModelState, event: EpochEvent, { rank }: Teller): ModelState {
  const leads = model.ranks[0]?.rank === rank;
  if (event.type === 'progress') {
    return leads ? withProgress(begun(model, event, rank), event) : model;
  }
  const next = withEpoch(model, event, (epoch) => {
    const own = ownEpoch(epoch, event, rank);
    const known = String(rank) in epoch.ranks ? epoch : fromLowest(epoch, own, rank);
    if (event.type === 'verified') {
      const verification = mergeVerification(own.verification, event);
      const ranks = { ...epoch.ranks, [rank]: { ...own, verification } };
      return { ...known, ranks, verification: mergeRanks(model, { epoch: event.epoch, ranks }) };
    }
    const milliseconds = event.type === 'epoch-ended' ? event.milliseconds : own.milliseconds;
    const ranks = { ...epoch.ranks, [rank]: { ...own, milliseconds } };
    return { ...(isLowest(epoch, rank) ? withCourse(known, event) : known), ranks };
  });
  return leads ? around(next, event) : next;
}

/** A place in an epoch of which nothing else was told begins it. */
function begun(model: ModelState, event: EventOf<'progress'>, rank: number): ModelState {
  if (rankEpoch(model, event.epoch, rank) !== undefined) return model;
  return withEpoch(model, event, (epoch) => {
    const own = ownEpoch(epoch, event, rank);
    return { ...fromLowest(epoch, own, rank), ranks: { ...epoch.ranks, [rank]: own } };
  });
}

function ownEpoch(epoch: EpochState, event: { readonly t: number }, rank: number): RankEpoch {
  return (
    epoch.ranks[String(rank)] ?? { startedAt: event.t, milliseconds: null, verification: null }
  );
}

function isLowest({ ranks }: EpochState, rank: number): boolean {
  return Object.keys(ranks).every((each) => Number(each) >= rank);
}

/** The epoch as a rank that is lower than all before begins to tell it. */
function fromLowest(epoch: EpochState, { startedAt }: RankEpoch, rank: number): EpochState {
  if (!isLowest(epoch, rank)) return epoch;
  return { ...epoch, startedAt, milliseconds: null, metrics: {}, previous: null };
}
