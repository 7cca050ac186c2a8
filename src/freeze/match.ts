import type { Rule } from './config';
import { readPattern, unifySeparators, type Pattern } from './pattern';
import type { NamedModel, NamedTensor } from './tensor';

/** A model prepared for matching: its names in order, so that a pattern looks at few of them. */
interface ModelIndex {
  /** All names and aliases with separators unified, sorted. */
  readonly unified: readonly string[];
  /** The names as they are, and the tensor of each, in the order of `unified`. */
  readonly names: readonly string[];
  readonly tensors: readonly number[];
  /** For each tensor that is a statistic of a module: all statistics of that module. */
  readonly siblings: ReadonlyMap<number, readonly number[]>;
  /** What rules were found to match, by their conditions: a tick asks for the same again. */
  readonly results: Map<string, readonly number[]>;
}

const indexes = new WeakMap<NamedModel, ModelIndex>();
const patterns = new Map<string, Pattern>();
const MOST_PATTERNS = 2000;
const MOST_RESULTS = 500;

function cachedPattern(source: string): Pattern {
  const known = patterns.get(source);
  if (known) return known;
  if (patterns.size >= MOST_PATTERNS) patterns.clear();
  const pattern = readPattern(source);
  patterns.set(source, pattern);
  return pattern;
}

/** The conditions of a rule, without its place and its effect. */
export type RuleConditions = Pick<Rule, 'match' | 'type' | 'tensors' | 'model'>;

/**
 * The tensors of a model that a rule matches, as ascending indices into `model.tensors`. Statistics
 * of a module come together.
 *
 * @throws PatternError for a rule that `parseConfig` would have refused
 */
export function matchedTensors(rule: RuleConditions, model: NamedModel): readonly number[] {
  const { results } = indexOf(model);
  const key = JSON.stringify([rule.match, rule.type, rule.tensors, rule.model]);
  const known = results.get(key);
  if (known) return known;
  const found = matchesModel(rule, model) ? findTensors(rule, model) : [];
  if (results.size >= MOST_RESULTS) results.clear();
  results.set(key, found);
  return found;
}

function findTensors(rule: RuleConditions, model: NamedModel): readonly number[] {
  const { unified, names, tensors, siblings } = indexOf(model);
  const { test, head, tail } = cachedPattern(rule.match);
  const fits = conditionOf(rule);
  const found = new Set<number>();
  for (let at = lowerBound(unified, head); at < unified.length; at += 1) {
    const name = unified[at] ?? '';
    if (!name.startsWith(head)) break;
    const number = tensors[at] ?? 0;
    const tensor = model.tensors[number];
    if (!tensor || found.has(number) || !name.endsWith(tail)) continue;
    if (!fits(tensor) || !test(names[at] ?? '')) continue;
    for (const sibling of siblings.get(number) ?? [number]) found.add(sibling);
  }
  // A typed array sorts by number, and fast.
  return Array.from(Int32Array.from(found).sort());
}

/** For each tensor of a model, the rules that match it, as ascending indices. */
export function matchingRules(
  rules: readonly RuleConditions[],
  model: NamedModel,
): readonly (readonly number[])[] {
  const matching = model.tensors.map((): number[] => []);
  rules.forEach((rule, index) => {
    for (const tensor of matchedTensors(rule, model)) matching[tensor]?.push(index);
  });
  return matching;
}

/** Whether the rule speaks of this model at all. */
export function matchesModel(rule: RuleConditions, model: NamedModel): boolean {
  if (rule.model === undefined) return true;
  const pattern = cachedPattern(rule.model);
  return pattern.test(model.name) || pattern.test(model.className);
}

function conditionOf(rule: RuleConditions): (tensor: NamedTensor) => boolean {
  const kind = rule.tensors === 'parameters' ? 'parameter' : 'statistic';
  const type = rule.type === undefined ? undefined : cachedPattern(rule.type);
  return (tensor) =>
    (rule.tensors === undefined || tensor.kind === kind) && (!type || type.test(tensor.type));
}

function indexOf(model: NamedModel): ModelIndex {
  const known = indexes.get(model);
  if (known) return known;
  const entries: { unified: string; name: string; tensor: number }[] = [];
  const groups = new Map<string, number[]>();
  const siblings = new Map<number, readonly number[]>();
  model.tensors.forEach((tensor, number) => {
    for (const name of [tensor.name, ...(tensor.aliases ?? [])]) {
      entries.push({ unified: unifySeparators(name), name, tensor: number });
    }
    if (tensor.kind === 'statistic' && tensor.module !== '') {
      const group = groups.get(tensor.module) ?? [];
      groups.set(tensor.module, group);
      group.push(number);
      siblings.set(number, group);
    }
  });
  entries.sort((a, b) => (a.unified < b.unified ? -1 : a.unified > b.unified ? 1 : 0));
  const index: ModelIndex = {
    unified: entries.map((entry) => entry.unified),
    names: entries.map((entry) => entry.name),
    tensors: entries.map((entry) => entry.tensor),
    siblings,
    results: new Map(),
  };
  indexes.set(model, index);
  return index;
}

function lowerBound(sorted: readonly string[], value: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
