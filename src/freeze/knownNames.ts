import type { NamedModel } from './tensor';

/** What the names of several models are made of. */
export interface KnownNames {
  /** All names and aliases. */
  readonly names: readonly string[];
  /** Everything that a name goes on behind, with the separator there. */
  readonly modules: ReadonlyMap<string, string>;
  /** The parts between the separators. */
  readonly parts: readonly string[];
}

/** Asked for each rule that matches nothing, and again at each edit. */
const known = new WeakMap<readonly NamedModel[], KnownNames>();

/** Each name, module and part once, in the order of the models. */
export function knownNames(models: readonly NamedModel[]): KnownNames {
  const before = known.get(models);
  if (before) return before;
  const names = new Set<string>();
  const modules = new Map<string, string>();
  const parts = new Set<string>();
  for (const { tensors } of models) {
    for (const { name, aliases = [] } of tensors) {
      for (const each of [name, ...aliases]) {
        if (names.has(each)) continue;
        names.add(each);
        let from = 0;
        for (const { index, 0: separator } of each.matchAll(/[./]/g)) {
          const module = each.slice(0, index);
          if (!modules.has(module)) modules.set(module, separator);
          parts.add(each.slice(from, index));
          from = index + 1;
        }
        parts.add(each.slice(from));
      }
    }
  }
  const found = { names: [...names], modules, parts: [...parts] };
  known.set(models, found);
  return found;
}
