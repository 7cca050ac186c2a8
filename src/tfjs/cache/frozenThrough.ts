import type { FrozenSpan } from '../../freeze/spans';

/** The epochs of a training, from 1; `until: null` when nobody knows the last. */
export interface Window {
  readonly from: number;
  readonly until: number | null;
}

/** An epoch in which a tensor is not frozen, with the rule that froze it until then. */
export interface Thaw {
  readonly epoch: number;
  /** Index of the rule; null when it is not frozen at the start. */
  readonly rule: number | null;
}

/** The first epoch of `window` in which a tensor with these spans is not frozen; null for none. */
export function thawIn(spans: readonly FrozenSpan[], { from, until }: Window): Thaw | null {
  let epoch = from;
  let rule: number | null = null;
  while (until === null || epoch <= until) {
    const span = spans.find((each) => each.from <= epoch && epoch <= (each.until ?? Infinity));
    if (span === undefined) return { epoch, rule };
    if (span.until === null) return null;
    epoch = span.until + 1;
    rule = span.rule;
  }
  return null;
}
