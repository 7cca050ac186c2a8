import type { ColumnView, ModelPatch, ModelView, ReportPatch, ReportView } from './reportView';

type Parts = NonNullable<ModelPatch['parts']>;

/** Every part of a model's view that a patch can carry; the record makes the compiler count them. */
const PARTS: Readonly<Record<keyof Parts, true>> = {
  name: true,
  className: true,
  summary: true,
  standing: true,
  tone: true,
  totalEpochs: true,
  problems: true,
  layers: true,
  normWarning: true,
  unmoved: true,
  charts: true,
  ranks: true,
  rankNote: true,
  progress: true,
};

/**
 * What changed from `before` to `after`, found by identity (see `nextReport`); null when nothing
 * did. Models are only ever added.
 */
export function diffReports(before: ReportView, after: ReportView): ReportPatch | null {
  const models =
    before.models === after.models
      ? []
      : after.models.flatMap((model, index) => diffModels(before.models[index], model, index));
  const patch: ReportPatch = {
    ...(before.head !== after.head && { head: after.head }),
    ...(before.rules !== after.rules && { rules: after.rules }),
    ...(before.notes !== after.notes && { notes: after.notes }),
    ...(models.length > 0 && { models }),
  };
  return Object.keys(patch).length === 0 ? null : patch;
}

function diffModels(
  before: ModelView | undefined,
  after: ModelView,
  index: number,
): readonly ModelPatch[] {
  if (before === after) return [];
  // A column is never taken away; were one, the view must forget it.
  if (before?.tensors !== after.tensors || after.columns.length < before.columns.length) {
    return [{ index, whole: after }];
  }
  const columns = after.columns.flatMap((column, position): [number, ColumnView][] =>
    before.columns[position] === column ? [] : [[position, column]],
  );
  const parts = changedParts(before, after);
  if (columns.length === 0 && parts === null) return [];
  return [{ index, ...(columns.length > 0 && { columns }), ...(parts !== null && { parts }) }];
}

function changedParts(before: ModelView, after: ModelView): Parts | null {
  const changed = (Object.keys(PARTS) as (keyof Parts)[]).filter(
    (key) => before[key] !== after[key],
  );
  if (changed.length === 0) return null;
  return Object.fromEntries(changed.map((key) => [key, after[key]]));
}
