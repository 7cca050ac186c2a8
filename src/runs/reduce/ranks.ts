import type { Span } from '../events';
import type { EpochState, ModelState, ProcessState, RunState } from '../state';

/** The rank of a process by its `proc`; null for one without. */
export function rankOf(proc: string): number | null {
  const digits = /^r(\d+)\./.exec(proc)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Which attempt (from 1) a process belongs to. */
export function attemptOf(processes: readonly ProcessState[], proc: string): number {
  return processes.find((process) => process.proc === proc)?.attempt ?? 1;
}

/** The last attempt of a run: what an earlier one left unfinished will not be finished. */
export function lastAttempt({ processes, models }: RunState): number {
  let last = 1;
  for (const { attempt } of processes) last = Math.max(last, attempt);
  for (const { attempt } of models) last = Math.max(last, attempt);
  return last;
}

/** Whether no more events of `model` are to be expected although the run goes on. */
export function isAbandoned(state: RunState, model: ModelState): boolean {
  return model.attempt < lastAttempt(state);
}

/** The name that a model has in every attempt. */
export function nameInAnyAttempt({ name, attempt }: ModelState): string {
  return attempt === 1 ? name : name.slice(0, -attemptSuffix(attempt).length);
}

/** The models of a run, each only as its last attempt described it. */
export function distinctModels(models: readonly ModelState[]): readonly ModelState[] {
  if (models.every(({ attempt }) => attempt === 1)) return models;
  return [...new Map(models.map((model) => [nameInAnyAttempt(model), model])).values()];
}

/** What tells a model of a later attempt from the one of the first. */
export function attemptSuffix(attempt: number): string {
  return attempt === 1 ? '' : `, attempt ${String(attempt)}`;
}

/** Whether one of the ranks that train `model` told what it is; a process alone always does. */
export function isAnnounced({ ranks }: ModelState): boolean {
  return ranks.length === 0 || ranks.some(({ announced }) => announced);
}

/** What a rank froze of a model. */
export function frozenOn(
  model: ModelState,
  rank: number,
): Readonly<Record<string, readonly Span[]>> {
  return model.ranks.find((each) => each.rank === rank)?.frozen ?? model.frozen;
}

/** How many ranks have verified an epoch: the verdict asks for every epoch at every event. */
const verifiers = new WeakMap<EpochState, number>();

/** The ranks that train `model` and have not verified `epoch`. */
export function missingRanks(model: ModelState, epoch: EpochState): readonly number[] {
  if (model.ranks.length === 0) return [];
  let count = verifiers.get(epoch);
  if (count === undefined) {
    count = Object.values(epoch.ranks).filter((each) => each.verification !== null).length;
    verifiers.set(epoch, count);
  }
  if (count === model.ranks.length) return [];
  return model.ranks
    .map(({ rank }) => rank)
    .filter((rank) => (epoch.ranks[String(rank)]?.verification ?? null) === null);
}

/**
 * Whether a verdict on the epoch at `position` may still come while the run goes on: one rank may
 * begin an epoch while another still verifies the one before.
 */
export function isAwaited({ epochs, ranks }: ModelState, position: number): boolean {
  return position >= epochs.length - (ranks.length > 1 ? 2 : 1);
}

/**
 * Of each group of ranks that hold equal frozen tensors, the lowest rank; none when all hold
 * the same, or when they did not tell.
 */
export function disagreeingRanks({ ranks }: EpochState): readonly number[] {
  const groups = new Map<string, number>();
  for (const [rank, { verification }] of Object.entries(ranks)) {
    const digest = verification?.digest;
    if (digest !== undefined && !groups.has(digest)) groups.set(digest, Number(rank));
  }
  return groups.size < 2 ? [] : [...groups.values()].sort((a, b) => a - b);
}

/** `rank 1`, `ranks 0, 1 and 2`, `ranks 0 to 7`, `ranks 0, 2, 4 and 5 more`. */
export function rankWords(ranks: readonly number[]): string {
  const last = ranks.at(-1) ?? 0;
  if (ranks.length < 2) return `rank ${String(last)}`;
  const first = ranks[0] ?? 0;
  if (ranks.length <= 4) return `ranks ${ranks.slice(0, -1).join(', ')} and ${String(last)}`;
  if (last - first === ranks.length - 1) return `ranks ${String(first)} to ${String(last)}`;
  return `ranks ${ranks.slice(0, 3).join(', ')} and ${String(ranks.length - 3)} more`;
}
