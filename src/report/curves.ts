import type { ChartView, ModelView, ProgressView } from '../runs/report/reportView';
import { Chart, type BatchLosses } from './chart';
import { h } from './dom';

/** Batch losses kept; when there are more, every second one goes. */
const MOST_BATCHES = 600;

/** The metric curves of a model; while it trains, with the losses of the batches seen meanwhile. */
export class Curves {
  readonly element = h('div', { class: 'charts' });
  private charts: Chart[] = [];
  private at: number[] = [];
  private values: number[] = [];

  /** Draws what a model logged; false when there is nothing to draw yet. */
  update(model: ModelView): boolean {
    if (model.progress !== null) this.record(model.progress);
    const batches: BatchLosses | null =
      this.at.length > 1 ? { at: this.at, values: this.values } : null;
    const views =
      batches === null || hasLoss(model.charts) ? model.charts : [EMPTY, ...model.charts];
    const of = (view: ChartView): BatchLosses | null => (view.title === 'loss' ? batches : null);
    const same =
      views.length === this.charts.length &&
      views.every((view, index) => this.charts[index]?.shows(view, of(view)));
    if (same) views.forEach((view, index) => this.charts[index]?.update(view, of(view)));
    else this.replace(views.map((view) => new Chart(view, of(view))));
    return views.length > 0;
  }

  redraw(): void {
    for (const chart of this.charts) chart.redraw();
  }

  /** Forgets the batches, because another model is shown. */
  reset(): void {
    this.at = [];
    this.values = [];
    this.replace([]);
  }

  private replace(charts: Chart[]): void {
    for (const chart of this.charts) chart.dispose();
    this.charts = charts;
    this.element.replaceChildren(...charts.map(({ element }) => element));
  }

  private record({ epoch, batch, batches, lossValue }: ProgressView): void {
    if (batches === null || batches === 0 || lossValue === null) return;
    const at = epoch - 1 + batch / batches;
    if (at <= (this.at.at(-1) ?? -1)) return;
    this.at.push(at);
    this.values.push(lossValue);
    if (this.at.length <= MOST_BATCHES) return;
    this.at = this.at.filter((_, index) => index % 2 === 0);
    this.values = this.values.filter((_, index) => index % 2 === 0);
  }
}

const EMPTY: ChartView = { title: 'loss', epochs: [], series: [], summary: '' };

function hasLoss(charts: readonly ChartView[]): boolean {
  return charts.some(({ title }) => title === 'loss');
}
