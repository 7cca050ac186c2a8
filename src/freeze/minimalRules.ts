import type { RuleConditions } from './match';
import { kindOf, nameTree, type Kinds, type NameNode } from './nameTree';
import { escapePattern } from './pattern';
import type { TensorSpace } from './tensorSpace';

/** From how many siblings on one rule with braces is easier to read than a rule for each. */
const FEWEST_IN_BRACES = 3;
const MOST_IN_BRACES = 32;
/** How many patterns across the tree are tried before the rules of the tree are taken. */
const MOST_CROSS_CUTS = 8;

/**
 * The fewest rules that together match every needed tensor and nothing outside of the selection:
 * whole modules (`conv1/**`), one kind of a module's tensors, single names, siblings in braces,
 * and, where that saves rules, what has the same last part or the same class in the whole model.
 */
export function minimalRules(
  space: TensorSpace,
  selected: ReadonlySet<number>,
  needed: ReadonlySet<number>,
): RuleConditions[] {
  const rules: CoveringRule[] = [];
  const open = new Set(needed);
  space.models.forEach((_, index) => {
    for (const rule of new ModelCover(space, index, selected).cover(open)) {
      const addressed = addressModel(space, index, rule, selected);
      const tensors = space.matched(addressed).filter((tensor) => needed.has(tensor));
      rules.push({ rule: addressed, tensors });
      for (const tensor of tensors) open.delete(tensor);
    }
  });
  return withoutNeedless(rules).map(({ rule }) => rule);
}

interface CoveringRule {
  readonly rule: RuleConditions;
  /** The needed tensors that it matches. */
  readonly tensors: readonly number[];
}

/** Leaves out rules whose tensors others cover: a later model's rule may hold in an earlier one. */
function withoutNeedless(rules: readonly CoveringRule[]): CoveringRule[] {
  const covers = new Map<number, number>();
  for (const tensor of rules.flatMap(({ tensors }) => tensors)) {
    covers.set(tensor, (covers.get(tensor) ?? 0) + 1);
  }
  return rules.filter(({ tensors }) => {
    if (tensors.some((tensor) => covers.get(tensor) === 1)) return true;
    for (const tensor of tensors) covers.set(tensor, (covers.get(tensor) ?? 0) - 1);
    return false;
  });
}

/** Adds `model` where the rule would match unselected tensors of other models. */
function addressModel(
  space: TensorSpace,
  index: number,
  rule: RuleConditions,
  selected: ReadonlySet<number>,
): RuleConditions {
  const model = space.models[index];
  if (!model) return rule;
  const fits = (each: RuleConditions): boolean =>
    space.matched(each).every((tensor) => selected.has(tensor));
  const byName = { ...rule, model: escapePattern(model.name) };
  const byClass = { ...rule, model: escapePattern(model.className) };
  return [rule, byName, byClass].find(fits) ?? byName;
}

/** A rule whose pattern is relative to a node of the tree. */
interface RelativeRule {
  readonly match: string;
  readonly tensors?: 'parameters' | 'statistics';
}

class ModelCover {
  readonly #space: TensorSpace;
  readonly #model: number;
  readonly #selected: ReadonlySet<number>;

  constructor(space: TensorSpace, model: number, selected: ReadonlySet<number>) {
    this.#space = space;
    this.#model = model;
    this.#selected = selected;
  }

  /** Rules for the needed tensors of this model, not yet restricted to the model. */
  cover(needed: ReadonlySet<number>): RuleConditions[] {
    let open = new Set(this.#mine(needed));
    if (open.size === 0) return [];
    const across: RuleConditions[] = [];
    let inTree = this.#tree(open);
    if (inTree.length >= FEWEST_IN_BRACES) {
      for (const candidate of this.#crossCuts(open)) {
        const matched = new Set(this.#matched(candidate));
        const left = new Set([...open].filter((tensor) => !matched.has(tensor)));
        const remaining = this.#tree(left);
        if (remaining.length + 1 >= inTree.length) continue;
        across.push(candidate);
        open = left;
        inTree = remaining;
      }
    }
    return [...across, ...inTree];
  }

  #tree(needed: ReadonlySet<number>): RuleConditions[] {
    if (needed.size === 0) return [];
    const tensors = this.#space.models[this.#model]?.tensors ?? [];
    const start = this.#space.start(this.#model);
    const root = nameTree(tensors, start, this.#selected, needed);
    return this.#below(root, '', 'all', needed);
  }

  /** Rules for what is needed below a node; `prefix` is the pattern of its name with separator. */
  #below(
    node: NameNode,
    prefix: string,
    kinds: Kinds,
    needed: ReadonlySet<number>,
  ): RelativeRule[] {
    const count = node.below[kinds];
    if (count.needed === 0) return [];
    if (count.selected === count.total && count.total > 1) {
      const whole = restrict('**', kinds, node.below.all.total > count.total);
      if (this.#fits({ ...whole, match: `${prefix}**` })) return [whole];
    }
    const byChild = this.#byChild(node, prefix, kinds, needed);
    if (kinds !== 'all' || node.below.statistics.needed === 0) return byChild;
    const byKind = [
      ...this.#below(node, prefix, 'parameters', needed),
      ...this.#below(node, prefix, 'statistics', needed),
    ];
    return byKind.length < byChild.length ? byKind : byChild;
  }

  #byChild(
    node: NameNode,
    prefix: string,
    kinds: Kinds,
    needed: ReadonlySet<number>,
  ): RelativeRule[] {
    const rules: (RelativeRule & { readonly part: string; readonly tail: string })[] = [];
    for (const child of node.children.values()) {
      const part = escapePattern(child.part);
      for (const own of this.#own(child, prefix + part, kinds, needed)) {
        rules.push({ ...own, part, tail: own.match.slice(part.length) });
      }
      const below = `${part}${child.separator}`;
      for (const rule of this.#below(child, prefix + below, kinds, needed)) {
        const match = below + rule.match;
        rules.push({ ...rule, match, part, tail: match.slice(part.length) });
      }
    }
    return this.#inBraces(rules, prefix);
  }

  /** Rules for the tensors whose name ends at a node, with patterns relative to its parent. */
  #own(node: NameNode, name: string, kinds: Kinds, needed: ReadonlySet<number>): RelativeRule[] {
    const rules: RelativeRule[] = [];
    const part = escapePattern(node.part);
    for (const tensor of node.own) {
      const info = this.#space.tensors[tensor];
      if (!info || !needed.has(tensor)) continue;
      const kind = kindOf(info);
      if (kinds !== 'all' && kind !== kinds) continue;
      const plain = { match: part };
      const ofKind = { match: part, tensors: kind };
      rules.push([plain, ofKind].find((rule) => this.#fits({ ...rule, match: name })) ?? plain);
    }
    return rules;
  }

  /** Joins rules of siblings that differ only in the sibling's name. */
  #inBraces(
    rules: readonly (RelativeRule & { readonly part: string; readonly tail: string })[],
    prefix: string,
  ): RelativeRule[] {
    const groups = new Map<string, (typeof rules)[number][]>();
    for (const rule of rules) {
      const key = `${rule.tensors ?? ''} ${rule.tail}`;
      groups.set(key, [...(groups.get(key) ?? []), rule]);
    }
    return [...groups.values()].flatMap((group) => {
      const joined: RelativeRule[] = [];
      for (let at = 0; at < group.length; at += MOST_IN_BRACES) {
        const some = group.slice(at, at + MOST_IN_BRACES);
        const separate = some.map(({ match, tensors }) => ({ match, ...(tensors && { tensors }) }));
        const [first] = some;
        const braces = `{${some.map(({ part }) => part).join(',')}}${first?.tail ?? ''}`;
        const rule = { match: braces, ...(first?.tensors && { tensors: first.tensors }) };
        const fits =
          some.length >= FEWEST_IN_BRACES && this.#fits({ ...rule, match: prefix + braces });
        joined.push(...(fits ? [rule] : separate));
      }
      return joined;
    });
  }

  /** Patterns across the tree that match selected tensors only, those that match most first. */
  #crossCuts(needed: ReadonlySet<number>): RuleConditions[] {
    const leaves = new Set<string>();
    const types = new Set<string>();
    for (const tensor of needed) {
      const info = this.#space.tensors[tensor];
      const last = /([./])([^./]*)$/.exec(info?.name ?? '');
      if (last) leaves.add(`**${last[1] ?? '.'}${escapePattern(last[2] ?? '')}`);
      if (info?.type) types.add(escapePattern(info.type));
    }
    const candidates: RuleConditions[] = [
      ...[...types].map((type) => ({ match: '**', type })),
      ...[...types].flatMap((type) => [
        { match: '**', type, tensors: 'parameters' as const },
        { match: '**', type, tensors: 'statistics' as const },
      ]),
      ...[...leaves].map((match) => ({ match })),
    ];
    return candidates
      .map((rule) => ({ rule, matched: this.#matched(rule) }))
      .filter(({ matched }) => matched.every((tensor) => this.#selected.has(tensor)))
      .map(({ rule, matched }) => ({
        rule,
        gain: matched.filter((each) => needed.has(each)).length,
      }))
      .sort((a, b) => b.gain - a.gain)
      .slice(0, MOST_CROSS_CUTS)
      .map(({ rule }) => rule);
  }

  #matched(rule: RuleConditions): number[] {
    return this.#space.matchedIn(this.#model, rule);
  }

  #fits(rule: RuleConditions): boolean {
    return this.#matched(rule).every((tensor) => this.#selected.has(tensor));
  }

  #mine(tensors: ReadonlySet<number>): number[] {
    const start = this.#space.start(this.#model);
    const end = start + (this.#space.models[this.#model]?.tensors.length ?? 0);
    return [...tensors].filter((tensor) => tensor >= start && tensor < end);
  }
}

function restrict(match: string, kinds: Kinds, needed: boolean): RelativeRule {
  return kinds === 'all' || !needed ? { match } : { match, tensors: kinds };
}
