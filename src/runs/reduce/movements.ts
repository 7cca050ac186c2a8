import type { EpochState, ModelState, Movement, RunVerdict } from '../state';

const NONE: readonly Movement[] = [];

/** The movements that a verdict told. */
export function movementsOf(verdict: RunVerdict): readonly Movement[] {
  return verdict.kind === 'moved' ? verdict.movements : NONE;
}

/**
 * The movements of a run after one more verification. Each tensor stands once, with the first
 * epoch in which it differed; returns `known` itself when the epoch tells nothing new. Of several
 * ranks they are in an order that does not depend on which was read first.
 */
export function withMovements(
  known: readonly Movement[],
  { name: model, ranks: several }: ModelState,
  { epoch, verification }: EpochState,
): readonly Movement[] {
  const moved = (verification?.findings ?? []).filter((finding) => finding.verdict === 'moved');
  if (moved.length === 0) return known;
  const places = new Map<string, number>();
  known.forEach((movement, index) => {
    if (movement.model === model) places.set(movement.name, index);
  });
  let next: Movement[] | undefined;
  for (const { name, elements, maxDelta, cause = null, ranks } of moved) {
    const index = places.get(name) ?? known.length;
    const before = known[index];
    // Events of several processes may arrive out of order.
    if (before !== undefined && before.epoch < epoch) continue;
    if (before?.epoch === epoch && before.ranks?.join() === ranks?.join()) continue;
    const movement = { model, name, epoch, elements, maxDelta, cause, ...(ranks && { ranks }) };
    next ??= [...known];
    if (before === undefined) next.push(movement);
    else next[index] = movement;
  }
  if (next === undefined) return known;
  return several.length > 0 ? next.sort(inOrder) : next;
}

function inOrder(a: Movement, b: Movement): number {
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  const [first, second] = a.model === b.model ? [a.name, b.name] : [a.model, b.model];
  return first < second ? -1 : Number(first > second);
}
