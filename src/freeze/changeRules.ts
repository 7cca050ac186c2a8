import type { Rule } from './config';
import type { RuleConditions } from './match';
import { minimalRules } from './minimalRules';
import { decidingSpans, frozenSpans, timeline } from './spans';
import type { TensorSpace } from './tensorSpace';

/** What to do to a list of rules. */
export interface RuleChange {
  /** Indices of rules to take out. */
  readonly removed: ReadonlySet<number>;
  /** Rules to append; all freeze, or all thaw. */
  readonly added: readonly RuleConditions[];
}

/** Tensors that the same rules match and that are all selected, or all not. */
interface Group {
  readonly matching: readonly number[];
  readonly selected: boolean;
  readonly tensors: number[];
}

/**
 * The smallest change of the rules after which the selected tensors are frozen (or thawed) in all
 * epochs, and every other tensor is frozen in the same epochs as before.
 */
export function changeRules(
  rules: readonly Rule[],
  space: TensorSpace,
  selected: ReadonlySet<number>,
  freeze: boolean,
): RuleChange {
  const matched = rules.map((rule) => space.matched(rule));
  const groups = groupTensors(space, matched, selected);
  const opposing = opposingRules(rules, groups, freeze);
  if (meetsGoal(rules, groups, opposing, freeze)) return { removed: opposing, added: [] };

  const isSelected = (tensor: number): boolean => selected.has(tensor);
  const removed = new Set([...opposing].filter((rule) => matched[rule]?.every(isSelected)));
  const needed = new Set(
    groups
      .filter((group) => group.selected && !isDone(rules, group, removed, freeze))
      .flatMap((group) => group.tensors),
  );
  const added = minimalRules(space, selected, needed);
  const covered = new Set(added.flatMap((rule) => space.matched(rule)));
  rules.forEach(({ from, until }, index) => {
    const tensors = matched[index] ?? [];
    const plain = from === undefined && until === undefined;
    if (plain && tensors.length > 0 && tensors.every((each) => covered.has(each))) {
      removed.add(index);
    }
  });
  return { removed, added };
}

function groupTensors(
  space: TensorSpace,
  matched: readonly (readonly number[])[],
  selected: ReadonlySet<number>,
): Group[] {
  const matching = space.tensors.map((): number[] => []);
  matched.forEach((tensors, rule) => {
    for (const tensor of tensors) matching[tensor]?.push(rule);
  });
  const groups = new Map<string, Group>();
  matching.forEach((rules, tensor) => {
    const isSelected = selected.has(tensor);
    const key = `${rules.join()} ${isSelected ? 'selected' : ''}`;
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { matching: rules, selected: isSelected, tensors: [] }));
    group.tensors.push(tensor);
  });
  return [...groups.values()];
}

/**
 * The rules that decide against the goal for a selected tensor, and those that would once these
 * are gone. No change by removal alone can keep any of them.
 */
function opposingRules(
  rules: readonly Rule[],
  groups: readonly Group[],
  freeze: boolean,
): Set<number> {
  const opposing = new Set<number>();
  for (const { matching, selected } of groups) {
    if (!selected) continue;
    for (let found = true; found;) {
      found = false;
      for (const { rule } of decidingSpans(rules, without(matching, opposing))) {
        if (rules[rule]?.freeze === freeze) continue;
        opposing.add(rule);
        found = true;
      }
    }
  }
  return opposing;
}

function meetsGoal(
  rules: readonly Rule[],
  groups: readonly Group[],
  removed: ReadonlySet<number>,
  freeze: boolean,
): boolean {
  return groups.every((group) =>
    group.selected
      ? isDone(rules, group, removed, freeze)
      : timeline(frozenSpans(rules, without(group.matching, removed))) ===
        timeline(frozenSpans(rules, group.matching)),
  );
}

const isDone = (
  rules: readonly Rule[],
  group: Group,
  removed: ReadonlySet<number>,
  freeze: boolean,
): boolean =>
  timeline(frozenSpans(rules, without(group.matching, removed))) === (freeze ? '1-' : '');

const without = (rules: readonly number[], removed: ReadonlySet<number>): readonly number[] =>
  removed.size === 0 ? rules : rules.filter((rule) => !removed.has(rule));
