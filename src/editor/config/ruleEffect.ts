import type { Rule } from '../../freeze/config';
import { matchGroups } from '../../freeze/matchGroups';
import { decidingSpans, type FrozenSpan } from '../../freeze/spans';
import { bytesOf, isDtype } from '../../model/checkpoint/dtypes';
import type { ModelInfo, TensorInfo } from '../../model/inspection';
import { elementCount } from '../../model/shape';

/** How much a number of tensors is. */
export interface Amount {
  readonly tensors: number;
  /** How many of them are statistics. */
  readonly statistics: number;
  /** Elements of those that are parameters. */
  readonly parameters: number;
  /** Of all; null where an element type is unknown. */
  readonly bytes: number | null;
}

/** What one rule does to one model, beside the others. */
export interface RuleEffect {
  readonly model: ModelInfo;
  readonly matched: Amount;
  /** Of those, what this rule decides about in some epoch. */
  readonly decided: Amount;
  /** The epochs in which it does; null when they differ from tensor to tensor. */
  readonly epochs: readonly FrozenSpan[] | null;
  /** The last rule, as an index, of tensors that later rules decide about; null when there are none. */
  readonly later: number | null;
  /** The first few names. */
  readonly names: readonly string[];
}

const NOTHING: Amount = { tensors: 0, statistics: 0, parameters: 0, bytes: 0 };
const MOST_NAMES = 5;

/** Of groups that `matchGroups` keeps, so that a hover does not count 100,000 tensors again. */
const amounts = new WeakMap<readonly number[], Amount>();

/** What a rule does to each of the models that it matches a tensor of. */
export function ruleEffects(
  rules: readonly Rule[],
  index: number,
  models: readonly ModelInfo[],
): readonly RuleEffect[] {
  return models.flatMap((model) => effectOn(rules, index, model) ?? []);
}

function effectOn(rules: readonly Rule[], index: number, model: ModelInfo): RuleEffect | undefined {
  const groups = matchGroups(rules, model).filter((group) => group.rules.includes(index));
  if (groups.length === 0) return undefined;
  let matched = NOTHING;
  let decided = NOTHING;
  let later: number | null = null;
  const epochs = new Map<string, readonly FrozenSpan[]>();
  for (const group of groups) {
    const amount = amountOf(group.tensors, model.tensors);
    matched = sum(matched, amount);
    const own = decidingSpans(rules, group.rules).filter((span) => span.rule === index);
    if (own.length > 0) {
      decided = sum(decided, amount);
      epochs.set(own.map(({ from, until }) => `${String(from)}-${String(until)}`).join(), own);
    } else later = Math.max(later ?? 0, group.rules.at(-1) ?? 0);
  }
  const [shared = []] = epochs.values();
  const first = groups.flatMap((group) => group.tensors.slice(0, MOST_NAMES));
  return {
    ...{ model, matched, decided, later },
    epochs: epochs.size > 1 ? null : shared,
    names: first
      .sort((a, b) => a - b)
      .slice(0, MOST_NAMES)
      .map((tensor) => model.tensors[tensor]?.name ?? ''),
  };
}

function amountOf(group: readonly number[], tensors: readonly TensorInfo[]): Amount {
  const known = amounts.get(group);
  if (known) return known;
  let statistics = 0;
  let parameters = 0;
  let bytes: number | null = 0;
  for (const each of group) {
    const tensor = tensors[each];
    if (tensor === undefined) continue;
    const elements = elementCount(tensor);
    if (tensor.kind === 'parameter') parameters += elements;
    else statistics += 1;
    bytes =
      bytes === null || !isDtype(tensor.dtype) ? null : bytes + bytesOf(tensor.dtype, elements);
  }
  const amount = { tensors: group.length, statistics, parameters, bytes };
  amounts.set(group, amount);
  return amount;
}

const sum = (a: Amount, b: Amount): Amount => ({
  tensors: a.tensors + b.tensors,
  statistics: a.statistics + b.statistics,
  parameters: a.parameters + b.parameters,
  bytes: a.bytes === null || b.bytes === null ? null : a.bytes + b.bytes,
});
