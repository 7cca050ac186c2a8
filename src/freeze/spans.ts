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

/** The rules resolved against a model. */
export interface ModelPlan {
  /** Name of the model. */
  readonly model: string;
  /** By tensor name, the tensors that are frozen in some epoch. */
  readonly spans: ReadonlyMap<string, readonly FrozenSpan[]>;
  /** How many tensors each rule matched, in the order of the rules. */
  readonly matched: readonly number[];
}

type Windowed = Pick<Rule, 'from' | 'until' | 'freeze'>;

/**
 * Which rule decides about a tensor when: in each epoch the last rule whose window holds that
 * epoch. Adjacent spans of one rule are one.
 *
 * @param matching the rules that match the tensor, ascending indices
 */
export function decidingSpans(
  rules: readonly Windowed[],
  matching: readonly number[],
): readonly FrozenSpan[] {
  const spans: FrozenSpan[] = [];
  const starts = decisionStarts(rules, matching);
  starts.forEach((from, index) => {
    const rule = matching.findLast((each) => applies(rules[each], from));
    if (rule === undefined) return;
    const next = starts[index + 1];
    const until = next === undefined ? null : next - 1;
    const previous = spans.at(-1);
    if (previous?.rule === rule && previous.until === from - 1) {
      spans[spans.length - 1] = { ...previous, until };
    } else {
      spans.push({ from, until, rule });
    }
  });
  return spans;
}

/** The {@link decidingSpans} whose rule freezes. */
export function frozenSpans(
  rules: readonly Windowed[],
  matching: readonly number[],
): readonly FrozenSpan[] {
  return decidingSpans(rules, matching).filter((span) => rules[span.rule]?.freeze);
}

/** Whether a tensor with these spans is frozen in an epoch (from 1). */
export function isFrozenAt(spans: readonly FrozenSpan[] | undefined, epoch: number): boolean {
  return spans?.some((span) => epoch >= span.from && epoch <= (span.until ?? Infinity)) ?? false;
}

/** The epochs in which spans frozen by different rules are one: `1-5,8-`, empty for never. */
export function timeline(spans: readonly FrozenSpan[]): string {
  let text = '';
  let end: number | null = 0;
  for (const { from, until } of spans) {
    if (text !== '' && end !== null && end + 1 === from) text = text.replace(/\d*$/, '');
    else text += `${text === '' ? '' : ','}${from}-`;
    text += String(until ?? '');
    end = until;
  }
  return text;
}

/** The epochs at which another rule may begin to decide, ascending, the first epoch included. */
function decisionStarts(rules: readonly Windowed[], matching: readonly number[]): number[] {
  const starts = new Set([1]);
  for (const index of matching) {
    const rule = rules[index];
    if (rule?.from !== undefined) starts.add(rule.from);
    if (rule?.until !== undefined) starts.add(rule.until + 1);
  }
  return [...starts].sort((a, b) => a - b);
}

const applies = (rule: Windowed | undefined, epoch: number): boolean =>
  rule !== undefined && epoch >= (rule.from ?? 1) && epoch <= (rule.until ?? Infinity);
