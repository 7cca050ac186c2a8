import type { RuleConditions } from './match';
import { kindOf, nameTree, type Kinds, type NameNode } from './nameTree';
import { escapePattern, unifySeparators } from './pattern';
import {
  conditions,
  FEWEST_IN_BRACES,
  inBraces,
  type RelativeRule,
  type SplitRule,
} from './relativeRule';
import { isSeparator } from './patternSyntax';
import { TensorSpace } from './tensorSpace';

/** With more classes a rule for each is no easier to read than a rule for each module. */
const MOST_TYPES = 8;
/** Each is matched against the whole model, for the sake of shorter text alone. */
const MOST_MODULES = 8;

/** A rule and what it is good for. */
export interface CoveringRule {
  readonly rule: RuleConditions;
  /** The needed tensors that it was made for or is known to match. */
  readonly tensors: readonly number[];
}

/** Finds the fewest rules for tensors of one model; see `minimalRules`. */
export class ModelCover {
  readonly #space: TensorSpace;
  readonly #model: number;
  readonly #selected: ReadonlySet<number>;
  /** By name or alias, separators unified, what a rule of that name matches. */
  readonly #namesakes = new Map<string, number[]>();

  constructor(space: TensorSpace, model: number, selected: ReadonlySet<number>) {
    this.#space = space;
    this.#model = model;
    this.#selected = selected;
    space.models[model]?.tensors.forEach(({ name, aliases }, index) => {
      for (const each of [name, ...(aliases ?? [])]) {
        const key = unifySeparators(each);
        const namesakes = this.#namesakes.get(key);
        if (namesakes) namesakes.push(space.start(model) + index);
        else this.#namesakes.set(key, [space.start(model) + index]);
      }
    });
  }

  /** Rules for the needed tensors of this model, not yet restricted to the model. */
  cover(needed: ReadonlySet<number>): CoveringRule[] {
    const open = new Set(this.#mine(needed));
    if (open.size === 0) return [];
    const whole = this.#wholeModel(open);
    if (whole) return [whole];
    let rules = this.#tree(open);
    const few = rules.length < FEWEST_IN_BRACES && !rules.some(({ rule }) => hasBraces(rule));
    if (few) return rules;
    for (const candidate of this.#crossCuts(open)) {
      const matched = new Set(candidate.tensors);
      const others = rules.filter(({ tensors }) => !tensors.every((each) => matched.has(each)));
      const alternative = [candidate, ...others];
      if (isShorter(alternative, rules)) rules = alternative;
    }
    if (rules.length === 1) return rules;
    const typed = this.#byType(open);
    return typed && isShorter(typed, rules) ? typed : rules;
  }

  /**
   * Rules that each speak of one class only, as if the model had no other: `layer1.**` of the type
   * `BatchNorm2d` in place of every such layer below `layer1`. Undefined where that is no way.
   */
  #byType(needed: ReadonlySet<number>): CoveringRule[] | undefined {
    const model = this.#space.models[this.#model];
    const types = new Set([...needed].map((tensor) => this.#space.tensors[tensor]?.type ?? ''));
    if (!model || types.has('') || types.size > MOST_TYPES) return undefined;
    const start = this.#space.start(this.#model);
    const rules: CoveringRule[] = [];
    for (const type of types) {
      const numbers = model.tensors.flatMap((tensor, at) =>
        tensor.type === type ? [start + at] : [],
      );
      // Of a model with one class only this would be the same search again.
      if (numbers.length === model.tensors.length) return undefined;
      const tensors = numbers.map((number) => model.tensors[number - start]).filter(isThere);
      const among = (some: ReadonlySet<number>): ReadonlySet<number> =>
        new Set([...numbers.keys()].filter((at) => some.has(numbers[at] ?? -1)));
      const space = new TensorSpace([{ ...model, tensors }]);
      const cover = new ModelCover(space, 0, among(this.#selected)).cover(among(needed));
      for (const { rule, tensors: covered } of cover) {
        const typed = { ...rule, type: escapePattern(type) };
        if (!this.#fits(typed)) return undefined;
        rules.push({
          rule: this.#fits(rule) ? rule : typed,
          tensors: covered.map((at) => numbers[at] ?? -1),
        });
      }
    }
    return rules;
  }

  /** The rule for a model of several tensors that are all selected. */
  #wholeModel(needed: ReadonlySet<number>): CoveringRule | undefined {
    const start = this.#space.start(this.#model);
    const tensors = this.#space.models[this.#model]?.tensors ?? [];
    const isWhole = tensors.length > 1 && tensors.every((_, at) => this.#selected.has(start + at));
    return isWhole ? { rule: { match: '**' }, tensors: [...needed] } : undefined;
  }

  #tree(needed: ReadonlySet<number>): CoveringRule[] {
    const tensors = this.#space.models[this.#model]?.tensors ?? [];
    const start = this.#space.start(this.#model);
    const root = nameTree(tensors, start, this.#selected, needed);
    return this.#below(root, '', 'all', needed).map(({ match, kinds, covered }) => ({
      rule: conditions(match, kinds),
      tensors: covered,
    }));
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
      const only = node.below.all.total > count.total ? kinds : 'all';
      if (this.#fits(conditions(`${prefix}**`, only))) {
        return [
          {
            match: '**',
            kinds: only,
            covered: this.#neededBelow(node, kinds, needed),
            alternatives: 1,
          },
        ];
      }
    }
    const byChild = this.#byChild(node, prefix, kinds, needed);
    if (kinds !== 'all' || byChild.length === 1) return byChild;
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
    const rules: SplitRule[] = [];
    for (const child of node.children.values()) {
      const part = escapePattern(child.part);
      const split = (rule: RelativeRule): SplitRule => ({
        ...rule,
        part,
        rest: rule.match.slice(part.length),
      });
      const below = `${part}${child.separator}`;
      rules.push(
        ...this.#own(child, kinds, needed).map(split),
        ...this.#below(child, prefix + below, kinds, needed).map((rule) =>
          split({ ...rule, match: below + rule.match }),
        ),
      );
    }
    return inBraces(rules);
  }

  /** Rules for the tensors whose name ends at a node, with patterns relative to its parent. */
  #own(node: NameNode, kinds: Kinds, needed: ReadonlySet<number>): RelativeRule[] {
    const match = escapePattern(node.part);
    return node.own.flatMap((tensor): RelativeRule[] => {
      const info = this.#space.tensors[tensor];
      if (!info || !needed.has(tensor)) return [];
      const kind = kindOf(info);
      if (kinds !== 'all' && kind !== kinds) return [];
      // An alias of another tensor may read like this name.
      const namesakes = this.#namesakes.get(unifySeparators(info.name)) ?? [];
      const only = namesakes.every((each) => this.#selected.has(each)) ? 'all' : kind;
      return [{ match, kinds: only, covered: [tensor], alternatives: 1 }];
    });
  }

  #neededBelow(node: NameNode, kinds: Kinds, needed: ReadonlySet<number>): number[] {
    return [...node.children.values()].flatMap((child) => [
      ...child.own.filter((tensor) => {
        const info = this.#space.tensors[tensor];
        return info && needed.has(tensor) && (kinds === 'all' || kindOf(info) === kinds);
      }),
      ...(child.children.size > 0 ? this.#neededBelow(child, kinds, needed) : []),
    ]);
  }

  /** Patterns across the tree that match selected tensors only, those that match most first. */
  #crossCuts(needed: ReadonlySet<number>): CoveringRule[] {
    const leaves = new Set<string>();
    const types = new Set<string>();
    for (const tensor of needed) {
      const info = this.#space.tensors[tensor];
      const last = /([./])([^./]*)$/.exec(info?.name ?? '');
      if (last) leaves.add(`**${last[1] ?? '.'}${escapePattern(last[2] ?? '')}`);
      if (info?.type) types.add(escapePattern(info.type));
    }
    const candidates: RuleConditions[] = [
      ...this.#statisticsOfModules(needed),
      ...[...types].map((type) => ({ match: '**', type })),
      ...[...types].flatMap((type) => [
        { match: '**', type, tensors: 'parameters' as const },
        { match: '**', type, tensors: 'statistics' as const },
      ]),
      ...[...leaves].map((match) => ({ match })),
    ];
    return candidates
      .filter((rule) => this.#fits(rule))
      .map((rule) => ({
        rule,
        tensors: this.#matched(rule).filter((tensor) => needed.has(tensor)),
      }))
      .sort((a, b) => b.tensors.length - a.tensors.length);
  }

  /** For each module of a needed statistic, the rule for all statistics of that module. */
  #statisticsOfModules(needed: ReadonlySet<number>): RuleConditions[] {
    const patterns = new Set<string>();
    for (const tensor of needed) {
      const info = this.#space.tensors[tensor];
      if (info?.kind !== 'statistic' || !info.name.startsWith(info.module)) continue;
      const separator = info.name[info.module.length];
      if (info.module === '' || !isSeparator(separator)) continue;
      if (patterns.size === MOST_MODULES) break;
      patterns.add(`${escapePattern(info.module)}${separator ?? ''}**`);
    }
    return [...patterns].map((match) => ({ match, tensors: 'statistics' as const }));
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

const isThere = <T>(value: T | undefined): value is T => value !== undefined;

const hasBraces = (rule: RuleConditions): boolean => /(?<!\\)\{/.test(rule.match);

/** Fewer rules, or as many with less text. */
function isShorter(some: readonly CoveringRule[], others: readonly CoveringRule[]): boolean {
  const length = (rules: readonly CoveringRule[]): number =>
    rules.reduce((sum, { rule }) => sum + JSON.stringify(rule).length, 0);
  return (
    some.length < others.length || (some.length === others.length && length(some) < length(others))
  );
}
