import type { Span } from '../events';

type Frozen = Readonly<Record<string, readonly Span[]>>;

/** From `epoch` on, `count` tensors are frozen, until the next step. */
interface Step {
  readonly epoch: number;
  readonly count: number;
}

/** Spans do not change once a model is described, and every verification asks for the count. */
const cache = new WeakMap<Frozen, readonly Step[]>();

/** How many tensors are frozen in `epoch` (counted from 1). */
export function frozenCount(frozen: Frozen, epoch: number): number {
  const steps = stepsOf(frozen);
  return steps.findLast((step) => step.epoch <= epoch)?.count ?? 0;
}

/** The first epoch (counted from 1) in which a tensor is frozen; null when none ever is. */
export function firstFrozenEpoch(frozen: Frozen): number | null {
  return stepsOf(frozen).find((step) => step.count > 0)?.epoch ?? null;
}

function stepsOf(frozen: Frozen): readonly Step[] {
  const known = cache.get(frozen);
  if (known !== undefined) return known;
  const changes = new Map<number, number>();
  const change = (epoch: number, by: number): void => {
    changes.set(epoch, (changes.get(epoch) ?? 0) + by);
  };
  for (const spans of Object.values(frozen)) {
    for (const { from, until } of disjoint(spans)) {
      change(from, 1);
      if (until !== null) change(until + 1, -1);
    }
  }
  let count = 0;
  const steps = [...changes]
    .sort(([a], [b]) => a - b)
    .map(([epoch, by]) => ({ epoch, count: (count += by) }));
  cache.set(frozen, steps);
  return steps;
}

/** The same epochs by spans that do not overlap, so that no tensor counts twice. */
function disjoint(spans: readonly Span[]): readonly Pick<Span, 'from' | 'until'>[] {
  const merged: { from: number; until: number | null }[] = [];
  for (const { from, until } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || (last.until !== null && last.until < from)) {
      merged.push({ from, until });
    } else if (last.until !== null) {
      last.until = until === null ? null : Math.max(last.until, until);
    }
  }
  return merged;
}
