import uPlot from 'uplot';
import type { ChartView } from '../runs/report/reportView';
import { h } from './dom';
import { themeColor } from './theme';

const HEIGHT = 150;
const COLORS = ['charts-blue', 'charts-yellow', 'charts-purple', 'charts-green'] as const;

/** Losses of single batches: epochs as fractions, and values. */
export interface BatchLosses {
  readonly at: readonly number[];
  readonly values: readonly number[];
}

/** One chart: the curves, a legend that tells the values under the pointer, a summary in words. */
export class Chart {
  readonly element: HTMLElement;
  private readonly plotArea = h('div', { class: 'plot', 'aria-hidden': 'true' });
  private readonly legend: readonly HTMLElement[];
  private readonly summary = h('p', { class: 'muted chart-summary' });
  private readonly names: readonly string[];
  private readonly resize: ResizeObserver;
  private plot: uPlot | null = null;
  private data: uPlot.AlignedData = [[]];

  constructor(chart: ChartView, batches: BatchLosses | null) {
    this.names = seriesNames(chart, batches);
    this.legend = this.names.map(() => h('span', { class: 'value' }));
    this.element = h(
      'figure',
      { class: 'chart', 'aria-label': `Curve of ${chart.title} by epoch` },
      h(
        'figcaption',
        {},
        ...this.names.map((name, index) =>
          h(
            'span',
            { class: 'series', 'data-series': index % COLORS.length },
            h('span', { class: `swatch ${dashed(name) ? 'dashed' : ''}`, 'aria-hidden': 'true' }),
            `${name} `,
            this.legend[index] ?? null,
          ),
        ),
      ),
      this.plotArea,
      this.summary,
    );
    this.resize = new ResizeObserver(() => {
      this.fit();
    });
    this.resize.observe(this.plotArea);
    this.update(chart, batches);
  }

  /** Whether this chart can go on showing that data. */
  shows(chart: ChartView, batches: BatchLosses | null): boolean {
    const names = seriesNames(chart, batches);
    return names.length === this.names.length && names.every((name, i) => name === this.names[i]);
  }

  update(chart: ChartView, batches: BatchLosses | null): void {
    const epochs: uPlot.AlignedData = [
      [...chart.epochs],
      ...chart.series.map(({ values }) => [...values]),
    ];
    this.data =
      batches === null ? epochs : uPlot.join([epochs, [[...batches.at], [...batches.values]]]);
    this.summary.textContent = chart.summary;
    this.plot?.setData(this.data);
    this.tellValues(null);
  }

  /** Draws with the colours of the theme as they are now. */
  redraw(): void {
    this.plot?.destroy();
    this.plot = null;
    this.fit();
  }

  dispose(): void {
    this.resize.disconnect();
    this.plot?.destroy();
  }

  private fit(): void {
    const width = this.plotArea.clientWidth;
    if (width === 0) return;
    if (this.plot !== null) this.plot.setSize({ width, height: HEIGHT });
    else this.plot = new uPlot(this.options(width), this.data, this.plotArea);
  }

  private options(width: number): uPlot.Options {
    const text = themeColor('descriptionForeground', '#717171');
    const lines = themeColor('charts-lines', 'rgba(128, 128, 128, 0.5)');
    const font = `11px ${themeColor('font-family', 'sans-serif')}`;
    const axis = { stroke: text, font, ticks: { show: false } };
    const grid = { stroke: lines, width: 0.5 };
    return {
      width,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { time: false, range: (_, min, max) => (min === max ? [min - 1, max + 1] : [min, max]) },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
          space: 32,
          size: 24,
        },
        { ...axis, grid, space: 28, size: 46 },
      ],
      series: [{}, ...this.names.map((name, index) => this.series(name, index))],
      hooks: {
        setCursor: [
          (plot) => {
            this.tellValues(plot.cursor.idx ?? null);
          },
        ],
      },
    };
  }

  private series(name: string, index: number): uPlot.Series {
    const color = themeColor(COLORS[index % COLORS.length] ?? 'charts-blue', '#3794ff');
    const few = (this.data[0].length || 0) <= 30;
    return name === BATCHES
      ? { stroke: color, width: 1, alpha: 0.5, spanGaps: true, points: { show: false } }
      : {
          stroke: color,
          width: 1.5,
          spanGaps: true,
          points: { show: few, size: 4, fill: color },
          ...(dashed(name) && { dash: [4, 3] }),
        };
  }

  /** Writes the values at a position of the data, or the last ones, into the legend. */
  private tellValues(at: number | null): void {
    this.legend.forEach((element, index) => {
      const values: readonly (number | null | undefined)[] = Array.from(this.data[index + 1] ?? []);
      const value = at === null ? values.findLast((each) => each != null) : values[at];
      element.textContent = value == null ? '' : format(value);
    });
  }
}

const BATCHES = 'loss by batch';

function seriesNames(chart: ChartView, batches: BatchLosses | null): readonly string[] {
  const names = chart.series.map(({ name }) => name);
  return batches === null ? names : [...names, BATCHES];
}

/** Validation curves are dashed: colour is not the only thing that tells them apart. */
function dashed(name: string): boolean {
  return name.startsWith('val_');
}

function format(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3
    ? value.toExponential(2)
    : Number(value.toPrecision(4)).toString();
}
