import type { EpochState, Movement, RunVerdict } from '../state';

const NONE: readonly Movement[] = [];

/** The movements that a verdict told. */
export function movementsOf(verdict: RunVerdict): readonly Movement[] {
  return verdict.kind === 'moved' ? verdict.movements : NONE;
}

/**
 * The movements of a run after one more verification. Each tensor stands once, with the first
 * epoch in which it differed; returns `known` itself when the epoch tells nothing new.
 */
export function withMovements(
  known: readonly Movement[],
  model: string,
  { epoch, verification }: EpochState,
): readonly Movement[] {
  const moved = (verification?.findings ?? []).filter((finding) => finding.verdict === 'moved');
  if (moved.length === 0) return known;
  const places = new Map<string, number>();
  known.forEach((movement, index) => {
    if (movement.model === model) places.set(movement.name, index);
  });
  let next: Movement[] | undefined;
  for (const { name, elements, maxDelta, cause = null } of moved) {
    const index = places.get(name) ?? known.length;
    const before = known[index];
    // Events of several processes may arrive out of order.
    if (before !== undefined && before.epoch <= epoch) continue;
    const movement = { model, name, epoch, elements, maxDelta, cause };
    next ??= [...known];
    if (before === undefined) next.push(movement);
    else next[index] = movement;
  }
  return next ?? known;
}
