import type { TensorState } from '../state';

const cache = new WeakMap<readonly TensorState[], ReadonlyMap<string, number>>();

/** Index of each tensor of a model by its primary name; remembered, as the list never changes. */
export function rowsByName(tensors: readonly TensorState[]): ReadonlyMap<string, number> {
  let rows = cache.get(tensors);
  if (rows === undefined) {
    rows = new Map(tensors.map(({ name }, row) => [name, row]));
    cache.set(tensors, rows);
  }
  return rows;
}
