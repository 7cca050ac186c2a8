import type { StoredModel } from '../checkpoint/checkpoint';

/** One model through all files: what each file has of it, null where it has none. */
export type ModelSeries = readonly (StoredModel | null)[];

/**
 * Finds the same models in several files: by their names, or, where every file has a single one
 * that is no copy, that one whatever its name.
 */
export function matchModels(files: readonly (readonly StoredModel[])[]): readonly ModelSeries[] {
  const originals = files.map((models) => models.filter(({ copyOf }) => copyOf === undefined));
  const single = originals.every((models) => models.length === 1);
  const series = new Map<string, (StoredModel | null)[]>();
  files.forEach((models, file) => {
    for (const model of models) {
      const key = single && model.copyOf === undefined ? '' : `=${model.name}`;
      let row = series.get(key);
      if (row === undefined) series.set(key, (row = files.map(() => null)));
      row[file] ??= model;
    }
  });
  return [...series.values()];
}
