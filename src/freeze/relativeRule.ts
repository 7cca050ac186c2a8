import type { RuleConditions } from './match';
import type { Kinds } from './nameTree';

/** From how many siblings on one rule with braces is easier to read than a rule for each. */
export const FEWEST_IN_BRACES = 3;
const MOST_IN_BRACES = 32;
/** Of one pattern with nested braces; well below what a pattern may have. */
const MOST_ALTERNATIVES = 256;

/** A rule whose pattern is relative to a node of the tree. */
export interface RelativeRule {
  readonly match: string;
  readonly kinds: Kinds;
  /** The needed tensors that it is made for. */
  readonly covered: readonly number[];
  /** How many patterns without braces the pattern stands for. */
  readonly alternatives: number;
}

/** A relative rule split into the part of the nearest node below and the rest. */
export interface SplitRule extends RelativeRule {
  readonly part: string;
  readonly rest: string;
}

/** The rule for some kinds of tensors. */
export const conditions = (match: string, kinds: Kinds): RuleConditions =>
  kinds === 'all' ? { match } : { match, tensors: kinds };

/** Joins rules of siblings that differ only in the sibling's part. */
export function inBraces(rules: readonly SplitRule[]): RelativeRule[] {
  const groups = new Map<string, SplitRule[]>();
  for (const rule of rules) {
    const key = `${rule.kinds} ${rule.rest}`;
    const group = groups.get(key);
    if (group) group.push(rule);
    else groups.set(key, [rule]);
  }
  return [...groups.values()].flatMap((group) => {
    const joined: RelativeRule[] = [];
    const inside = Math.max(...group.map(({ alternatives }) => alternatives));
    const most = Math.max(1, Math.min(MOST_IN_BRACES, Math.floor(MOST_ALTERNATIVES / inside)));
    for (let at = 0; at < group.length; at += most) {
      const some = group.slice(at, at + most);
      const [first] = some;
      if (!first || some.length < FEWEST_IN_BRACES) {
        joined.push(...some);
        continue;
      }
      joined.push({
        match: `{${some.map(({ part }) => part).join(',')}}${first.rest}`,
        kinds: first.kinds,
        covered: some.flatMap(({ covered }) => covered),
        alternatives: some.length * inside,
      });
    }
    return joined;
  });
}
