import type { Rule } from './config';

/** A stretch of epochs in which one rule keeps a tensor frozen. */
export interface FrozenSpan {
  /** First epoch, from 1. */
  readonly from: number;
  /** Last epoch, inclusive; null when the span has no end. */
  readonly until: number | null;
  /** Index of the rule that decides. */
  readonly rule: number;
}

/**
 * What the rules that match a tensor, in the order of the config, make of it over time. In each
 * epoch the last rule whose window holds that epoch decides.
 */
export function frozenSpans(
  rules: readonly Pick<Rule, 'from' | 'until' | 'freeze'>[],
  matching: readonly number[],
): FrozenSpan[] {
  const spans: FrozenSpan[] = [];
  const starts = spanStarts(rules, matching);
  starts.forEach((from, index) => {
    const decider = deciderAt(rules, matching, from);
    if (decider === undefined || rules[decider]?.freeze !== true) return;
    const next = starts[index + 1];
    const until = next === undefined ? null : next - 1;
    const previous = spans.at(-1);
    if (previous?.rule === decider && previous.until === from - 1) {
      spans[spans.length - 1] = { ...previous, until };
    } else {
      spans.push({ from, until, rule: decider });
    }
  });
  return spans;
}

/** The epochs at which the deciding rule may change, ascending, the first epoch included. */
function spanStarts(
  rules: readonly Pick<Rule, 'from' | 'until'>[],
  matching: readonly number[],
): number[] {
  const starts = new Set([1]);
  for (const index of matching) {
    const rule = rules[index];
    if (rule?.from !== undefined) starts.add(rule.from);
    if (rule?.until !== undefined) starts.add(rule.until + 1);
  }
  return [...starts].sort((a, b) => a - b);
}

function deciderAt(
  rules: readonly Pick<Rule, 'from' | 'until'>[],
  matching: readonly number[],
  epoch: number,
): number | undefined {
  return matching.findLast((index) => {
    const rule = rules[index];
    return rule && epoch >= (rule.from ?? 1) && epoch <= (rule.until ?? Infinity);
  });
}

/** Whether a tensor with these spans is frozen in an epoch (from 1). */
export function isFrozenAt(spans: readonly FrozenSpan[] | undefined, epoch: number): boolean {
  return (
    spans?.some((span) => epoch >= span.from && (span.until === null || epoch <= span.until)) ??
    false
  );
}
