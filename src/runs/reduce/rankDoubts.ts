import { firstFrozenEpoch } from './frozenCount';
import { isAbandoned, lastAttempt, rankWords } from './ranks';
import type { RunState } from '../state';

/** Something that was frozen and cannot be called intact. */
export interface Doubt {
  /** A sentence without a full stop. */
  readonly text: string;
  /** For how many tensors or epochs of one place it stands. */
  readonly count: number;
}

/** No training is larger; a line that says otherwise must not cost the reader's memory. */
const MOST_RANKS = 100_000;

/**
 * Ranks of the last attempt that should have trained and of which nothing is known: they wrote no
 * event, as on a machine that does not share the run's folder, or died before they told of a model.
 * @param over whether no more events are to be expected
 */
export function rankDoubts(state: RunState, over: boolean): readonly Doubt[] {
  const models = state.models.filter(
    (model) =>
      model.ranks.length > 0 &&
      firstFrozenEpoch(model.frozen) !== null &&
      !isAbandoned(state, model),
  );
  const begun = models.some(({ epochs }) => epochs.length > 2);
  if (models.length === 0 || !(over || begun)) return [];
  const attempt = lastAttempt(state);
  const processes = state.processes.filter(
    (process) => process.rank !== null && process.attempt === attempt,
  );
  const told = Math.max(0, ...processes.map(({ worldSize }) => worldSize ?? 0));
  const size = Math.min(told, MOST_RANKS);
  const training = new Set(models.flatMap(({ ranks }) => ranks.map(({ rank }) => rank)));
  const known = new Set([...processes.map(({ rank }) => rank), ...training]);
  const silent = Array.from({ length: size }, (_, rank) => rank).filter((rank) => !known.has(rank));
  const dead = new Set<number>();
  for (const { rank, endedAt, exitCode } of processes) {
    const badly = endedAt === null ? over : exitCode !== 0;
    if (rank !== null && !training.has(rank) && badly) dead.add(rank);
  }
  const doubts: Doubt[] = [];
  if (silent.length > 0) {
    const text = `${rankWords(silent)} of ${String(size)} told nothing`;
    doubts.push({ text, count: silent.length });
  }
  if (dead.size > 0) {
    const ranks = [...dead].sort((a, b) => a - b);
    doubts.push({ text: `${rankWords(ranks)} ended before training`, count: dead.size });
  }
  return doubts;
}
