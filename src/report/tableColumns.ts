import type { ModelView, ReportView } from '../runs/report/reportView';

/** Pixels; in step with report.css. */
export const ROW_HEIGHT = 22;
/** Pixels of a column under a number; under a name it is wider, up to the second. */
const EPOCH_WIDTH = 30;
const WIDEST_EPOCH = 132;
/** Of a name in the head. */
const CHARACTER_WIDTH = 6.5;

export type TrailingColumn = 'frozen' | 'finding' | 'kind' | 'shape' | 'elements' | 'dtype';

const TRAILING: Readonly<Record<TrailingColumn, { title: string; width: number }>> = {
  frozen: { title: 'By the rules', width: 88 },
  finding: { title: 'First finding', width: 280 },
  kind: { title: 'Kind', width: 92 },
  shape: { title: 'Shape', width: 100 },
  elements: { title: 'Elements', width: 84 },
  dtype: { title: 'Type', width: 72 },
};

/** A finding is cut to this many pixels before anything has to be scrolled to. */
const LEAST_FINDING = 160;

/** Where the columns are: the name, one for each epoch, then what else is known of a tensor. */
export interface ColumnLayout {
  readonly name: number;
  readonly epochs: number;
  /** Pixels of each. */
  readonly epochWidth: number;
  readonly trailing: readonly { readonly id: TrailingColumn; title: string; width: number }[];
  /** Pixels of all columns together. */
  readonly width: number;
}

/** Fits the columns into `available` pixels; what does not fit is reached by scrolling. */
export function layOut(
  kind: ReportView['kind'],
  model: ModelView,
  nameWidth: number,
  available: number,
): ColumnLayout {
  const narrow = available < 640;
  const name = Math.round(Math.max(120, Math.min(nameWidth, narrow ? available * 0.5 : 420)));
  const epochs = model.columns.length;
  const epochWidth = widthOfEpochs(model);
  const trailing = trailingOf(kind, model).map((id) => ({ id, ...TRAILING[id] }));
  const finding = trailing.find(({ id }) => id === 'finding');
  if (kind === 'comparison' && epochs === 1 && finding !== undefined) finding.title = 'Finding';
  const total = (): number =>
    name + epochs * epochWidth + trailing.reduce((sum, column) => sum + column.width, 0);
  const elastic = finding ?? trailing.at(-1);
  if (elastic !== undefined) {
    const least = elastic.id === 'finding' ? LEAST_FINDING : elastic.width;
    elastic.width = Math.max(least, elastic.width + available - total());
  }
  return { name, epochs, epochWidth, trailing, width: Math.max(total(), available) };
}

function widthOfEpochs({ columns }: ModelView): number {
  const longest = columns.reduce((most, { title }) => Math.max(most, title.length), 0);
  if (longest <= 4) return EPOCH_WIDTH;
  return Math.min(WIDEST_EPOCH, Math.round(longest * CHARACTER_WIDTH + 16));
}

/** Epochs tell what was frozen when; where there are none, the rules are told beside the tensor. */
function trailingOf(kind: ReportView['kind'], model: ModelView): readonly TrailingColumn[] {
  const ids: TrailingColumn[] = ['shape', 'elements', 'dtype'];
  // Findings of a comparison are long.
  if (kind !== 'comparison') ids.unshift('kind');
  if (model.problems.length > 0) ids.unshift('finding');
  if (kind !== 'run' && model.tensors.some(({ frozen }) => frozen !== '')) ids.unshift('frozen');
  return ids;
}

/** A stretch of epochs that is drawn: positions, the second exclusive. */
export interface EpochWindow {
  readonly from: number;
  readonly to: number;
}

/** Above this many epochs only those in sight are drawn. */
const ALL_EPOCHS = 60;
/** Windows move in steps, so that scrolling by a few pixels draws nothing anew. */
const STEP = 8;

/** The epochs in sight, with some on either side. */
export function epochWindow(
  layout: ColumnLayout,
  scrolled: number,
  available: number,
): EpochWindow {
  const { epochs, epochWidth } = layout;
  if (epochs <= ALL_EPOCHS) return { from: 0, to: epochs };
  const first = Math.floor(scrolled / epochWidth / STEP) * STEP - STEP;
  const end = Math.ceil((scrolled + available - layout.name) / epochWidth / STEP) * STEP + STEP;
  const from = Math.max(0, Math.min(first, epochs - STEP));
  return { from, to: Math.max(from, Math.min(epochs, end)) };
}
