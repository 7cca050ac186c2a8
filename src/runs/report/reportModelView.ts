import { columnView } from './reportColumn';
import { chartViews, formatMetric } from './reportCharts';
import { layersOf, normWarning } from './reportNorms';
import { problemViews } from './reportProblems';
import { rowsByName } from './reportRows';
import { rankNote, rankViews } from './reportRanks';
import { standingOf, summaryOf } from './reportSummary';
import { tensorView } from './reportTensor';
import type { ColumnView, ModelView, ProgressView } from './reportView';
import { isVerified } from '../reduce/cells';
import { isAwaited } from '../reduce/ranks';
import type { ModelState } from '../state';
import { visibleText } from '../words/visibleText';

/** What is shown of a model already. */
export interface KnownModel {
  readonly model: ModelState;
  readonly view: ModelView;
  /** Whether the run was over then. */
  readonly over: boolean;
}

/** The view of a model; what `known` shows already and still holds is taken from there. */
export function modelView(known: KnownModel | null, model: ModelState, over: boolean): ModelView {
  const base =
    known?.model.tensors === model.tensors &&
    known.model.frozen === model.frozen &&
    known.model.ranks === model.ranks
      ? known
      : null;
  const progress = progressView(model);
  if (base?.model.epochs === model.epochs && base.over === over) {
    return { ...base.view, totalEpochs: model.totalEpochs, progress };
  }
  const columns = columnViews(base, model, over);
  const rows = rowsByName(model.tensors);
  const last = model.epochs.findLast(({ verification }) => verification !== null);
  const view: ModelView = {
    name: visibleText(model.name),
    className: visibleText(model.className),
    summary: summaryOf(model),
    ...standingOf(model, columns),
    totalEpochs: model.totalEpochs,
    tensors:
      base?.view.tensors ??
      model.tensors.map((tensor) => tensorView(tensor, model.frozen[tensor.name] ?? [])),
    columns,
    problems: problemViews(model),
    layers: layersOf(model.epochs).map(visibleText),
    normWarning: normWarning(model.epochs),
    unmoved: (last?.verification?.unmoved ?? []).flatMap((name) => rows.get(name) ?? []),
    charts: chartViews(model),
    ranks: rankViews(model),
    rankNote: rankNote(model),
    progress,
  };
  return base === null ? view : withKept(base.view, view);
}

/** Lists that say the same as before stay the same object, so that they are not sent again. */
function withKept(before: ModelView, after: ModelView): ModelView {
  const same = (key: keyof ModelView): boolean =>
    JSON.stringify(before[key]) === JSON.stringify(after[key]);
  return {
    ...after,
    problems: same('problems') ? before.problems : after.problems,
    layers: same('layers') ? before.layers : after.layers,
    unmoved: same('unmoved') ? before.unmoved : after.unmoved,
    charts: same('charts') ? before.charts : after.charts,
    ranks: same('ranks') ? before.ranks : after.ranks,
  };
}

function columnViews(
  base: KnownModel | null,
  model: ModelState,
  over: boolean,
): readonly ColumnView[] {
  const layers = new Set<string>();
  return model.epochs.map((epoch, position) => {
    for (const { module } of epoch.verification?.normalization ?? []) layers.add(module);
    // Without a verdict a cell depends on whether one may still come.
    const settled = isVerified(model, epoch) && base?.model.epochs[position] === epoch;
    const column = settled ? base.view.columns[position] : undefined;
    const open = isAwaited(model, position) && !over;
    return column ?? columnView(model, epoch, [...layers], open);
  });
}

function progressView({ progress }: ModelState): ProgressView | null {
  if (progress === null) return null;
  const { epoch, batch, batches, loss } = progress;
  return {
    ...{ epoch, batch, batches },
    loss: loss === null ? '' : formatMetric(loss),
    lossValue: typeof loss === 'number' ? loss : null,
  };
}
