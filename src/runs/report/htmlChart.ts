import { escapeHtml } from './htmlText';
import { formatMetric } from './reportCharts';
import type { ChartView } from './reportView';

const WIDTH = 420;
const HEIGHT = 160;
const LEFT = 52;
const BOTTOM = 22;
const TOP = 10;
const RIGHT = 10;

/** Curves as an SVG drawing with its summary in words. */
export function chartHtml({ title, epochs, series, summary }: ChartView): string {
  const values = series.flatMap((each) => each.values.filter((value) => value !== null));
  const first = epochs[0] ?? 1;
  const last = epochs.at(-1) ?? 1;
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const x = scale(first, last, LEFT, WIDTH - RIGHT);
  const y = scale(low, high, HEIGHT - BOTTOM, TOP);
  const axis = values.length === 0 ? '' : axes(first, last, low, high);
  const curves = series.map((each, index) => curve(epochs, each.values, x, y, index, each.name));
  const legend = series.map(
    ({ name }, index) => `<span class="legend s${String(index % 4)}">${escapeHtml(name)}</span>`,
  );
  return `<figure>
<figcaption>${legend.join(' ')}</figcaption>
<svg viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" role="img" aria-label="${escapeHtml(`${title} by epoch`)}">${axis}${curves.join('')}</svg>
<p class="muted">${escapeHtml(summary)}</p>
</figure>`;
}

function axes(first: number, last: number, low: number, high: number): string {
  const bottom = String(HEIGHT - BOTTOM);
  const right = String(WIDTH - RIGHT);
  const line = (at: string): string =>
    `<line class="grid" x1="${String(LEFT)}" x2="${right}" y1="${at}" y2="${at}"/>`;
  const label = (x: string, y: string, anchor: string, words: string): string =>
    `<text x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`;
  const edge = String(LEFT - 6);
  const base = String(HEIGHT - 6);
  return [
    line(bottom),
    line(String(TOP)),
    label(edge, String(HEIGHT - BOTTOM + 4), 'end', formatMetric(low)),
    low === high ? '' : label(edge, String(TOP + 4), 'end', formatMetric(high)),
    label(String(LEFT), base, 'start', `epoch ${String(first)}`),
    first === last ? '' : label(right, base, 'end', String(last)),
  ].join('');
}

type Scale = (value: number) => number;

function curve(
  epochs: readonly number[],
  values: readonly (number | null)[],
  x: Scale,
  y: Scale,
  index: number,
  name: string,
): string {
  const points = values.flatMap((value, at) =>
    value === null ? [] : [`${round(x(epochs[at] ?? 0))},${round(y(value))}`],
  );
  const kind = `s${String(index % 4)}${name.startsWith('val_') ? ' dashed' : ''}`;
  if (points.length > 1) return `<polyline class="${kind}" points="${points.join(' ')}"/>`;
  const [cx, cy] = points[0]?.split(',') ?? [];
  return cx === undefined || cy === undefined
    ? ''
    : `<circle class="${kind}" cx="${cx}" cy="${cy}" r="2.5"/>`;
}

function scale(from: number, to: number, start: number, end: number): Scale {
  return from === to
    ? () => (start + end) / 2
    : (value) => start + ((value - from) / (to - from)) * (end - start);
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
