import { compilePattern, PatternError, unifySeparators } from '../../freeze/pattern';
import type { ModelInfo, TensorInfo } from '../../model/inspection';

/** A part of names under a module. */
export interface NamePart {
  readonly part: string;
  /** Behind the part, as the framework writes it; empty when nothing is below. */
  separator: string;
  /** How many tensors are below. */
  below: number;
  /** A tensor whose name ends with the part. */
  tensor: TensorInfo | undefined;
  /** Class of the module, where tensors tell it; empty when they do not. */
  type: string;
}

type Parts = Map<string, NamePart>;

interface ModelParts {
  /** The parts under each module by its name with `/`; under `''` the first ones. */
  readonly modules: ReadonlyMap<string, Parts>;
  /** What was found behind a prefix: each character typed asks for the same again. */
  readonly results: Map<string, Parts>;
}

const MOST_RESULTS = 50;
const indexes = new WeakMap<ModelInfo, ModelParts>();

/**
 * The parts that can follow a prefix of a pattern, which may hold wildcards: those of all modules
 * that it matches, in the models' order.
 *
 * @param prefix up to its last separator, without it; empty for the first parts
 */
export function nextParts(models: readonly ModelInfo[], prefix: string): readonly NamePart[] {
  return [...merge(models.map((model) => partsBehind(model, prefix))).values()];
}

function partsBehind(model: ModelInfo, prefix: string): Parts {
  const { modules, results } = indexOf(model);
  if (!/[*?[\]{}\\]/.test(prefix))
    return modules.get(unifySeparators(prefix)) ?? new Map<string, NamePart>();
  const known = results.get(prefix);
  if (known) return known;
  if (results.size >= MOST_RESULTS) results.clear();
  const test = testOf(prefix);
  // Before a separator `**` also stands for no part.
  const none = /^\*\*(?:[./]\*\*)*$/.test(prefix);
  const found = merge(
    [...modules].flatMap(([name, own]) => ((name === '' ? none : test(name)) ? [own] : [])),
  );
  results.set(prefix, found);
  return found;
}

function testOf(prefix: string): (name: string) => boolean {
  try {
    return compilePattern(prefix);
  } catch (error) {
    if (error instanceof PatternError) return () => false;
    throw error;
  }
}

function merge(several: readonly Parts[]): Parts {
  const [first] = several;
  if (first !== undefined && several.length === 1) return first;
  const all = new Map<string, NamePart>();
  for (const parts of several) {
    for (const each of parts.values()) {
      const known = all.get(each.part);
      if (!known) {
        all.set(each.part, { ...each });
        continue;
      }
      known.separator ||= each.separator;
      known.below += each.below;
      known.tensor ??= each.tensor;
      known.type ||= each.type;
    }
  }
  return all;
}

function indexOf(model: ModelInfo): ModelParts {
  const known = indexes.get(model);
  if (known) return known;
  const modules = new Map<string, Parts>([['', new Map<string, NamePart>()]]);
  const above = new Map<string, readonly NamePart[]>();
  for (const tensor of model.tensors) {
    for (const name of [tensor.name, ...(tensor.aliases ?? [])]) {
      const end = Math.max(name.lastIndexOf('.'), name.lastIndexOf('/'), 0);
      const module = unifySeparators(name.slice(0, end));
      let chain = above.get(module);
      if (!chain) above.set(module, (chain = modulesAbove(modules, name, end)));
      for (const each of chain) each.below += 1;
      const last = chain.at(-1);
      if (last?.type === '' && tensor.module === name.slice(0, end)) last.type = tensor.type;
      partOf(modules, module, name.slice(end === 0 ? 0 : end + 1)).tensor ??= tensor;
    }
  }
  const index = { modules, results: new Map<string, Parts>() };
  indexes.set(model, index);
  return index;
}

/** The parts of the module that ends at `end` of a name, from the first one. */
function modulesAbove(modules: Map<string, Parts>, name: string, end: number): NamePart[] {
  const unified = unifySeparators(name);
  const chain: NamePart[] = [];
  for (let from = 0; from < end;) {
    const next = unified.indexOf('/', from);
    const own = partOf(modules, unified.slice(0, Math.max(0, from - 1)), name.slice(from, next));
    own.separator ||= name[next] ?? '';
    chain.push(own);
    from = next + 1;
  }
  return chain;
}

function partOf(modules: Map<string, Parts>, module: string, part: string): NamePart {
  let parts = modules.get(module);
  if (!parts) modules.set(module, (parts = new Map<string, NamePart>()));
  let own = parts.get(part);
  if (!own) {
    parts.set(part, (own = { part, separator: '', below: 0, tensor: undefined, type: '' }));
  }
  return own;
}
