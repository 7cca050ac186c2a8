import type { ChartView } from './reportView';
import type { ModelState } from '../state';
import { visibleText } from '../words/visibleText';

type Value = number | 'NaN' | 'Infinity';

/** Metrics that a script logs, at most: each is a curve that someone has to tell from the others. */
const MOST_SERIES = 24;

/**
 * The curves of a model: a metric and its `val_` twin share a chart; the loss comes first, the norm
 * of the gradients last.
 */
export function chartViews(model: ModelState): readonly ChartView[] {
  const norm = gradientChart(model);
  return norm === null ? metricCharts(model) : [...metricCharts(model), norm];
}

/** The largest norm of the gradients by epoch; null when it was not sampled. */
export function gradientChart({ epochs }: ModelState): ChartView | null {
  const sampled = epochs.flatMap(({ epoch, verification }) => {
    const max = verification?.gradientNorm?.max;
    return max === undefined ? [] : [{ epoch, max }];
  });
  if (sampled.length === 0) return null;
  const numbers = sampled.map(({ epoch }) => epoch);
  const values = sampled.map(({ max }) => max);
  return {
    title: GRADIENT_NORM,
    epochs: numbers,
    series: [{ name: GRADIENT_NORM, values: values.map(finite) }],
    summary: `${course(numbers, values)} (the largest of each epoch)`,
  };
}

const GRADIENT_NORM = 'gradient norm';

function finite(value: Value | null): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function metricCharts({ epochs }: ModelState): readonly ChartView[] {
  const logged = epochs.filter(({ metrics }) => Object.keys(metrics).length > 0);
  const names = [...new Set(logged.flatMap(({ metrics }) => Object.keys(metrics)))];
  const groups = new Map<string, string[]>();
  for (const name of names.slice(0, MOST_SERIES)) {
    const base = name.replace(/^val_/, '');
    groups.set(base, [...(groups.get(base) ?? []), name].sort(twinLast));
  }
  return [...groups]
    .sort(([a], [b]) => Number(b === 'loss') - Number(a === 'loss'))
    .map(([base, members]) => {
      const series = members.map((name) => ({
        name,
        values: logged.map(({ metrics }) => metrics[name] ?? null),
      }));
      const numbers = logged.map(({ epoch }) => epoch);
      return {
        title: visibleText(base),
        epochs: numbers,
        series: series.map(({ name, values }) => ({
          name: visibleText(name),
          values: values.map(finite),
        })),
        summary: series
          .map(({ name, values }) => `${visibleText(name)} ${course(numbers, values)}`)
          .join('; '),
      };
    });
}

function twinLast(a: string, b: string): number {
  return Number(a.startsWith('val_')) - Number(b.startsWith('val_'));
}

/** `2.31 → 0.12, lowest 0.11 in epoch 9`. */
function course(epochs: readonly number[], values: readonly (Value | null)[]): string {
  const known = values.flatMap((value, at) => (value === null ? [] : [{ value, at }]));
  const finite = known.flatMap(({ value, at }) =>
    typeof value === 'number' ? [{ value, epoch: epochs[at] ?? 0 }] : [],
  );
  const first = known[0];
  const last = known.at(-1);
  if (first === undefined || last === undefined) return 'was not logged';
  const ends =
    known.length === 1
      ? formatMetric(first.value)
      : `${formatMetric(first.value)} → ${formatMetric(last.value)}`;
  const extremes = [
    ...turn('lowest', finite, (a, b) => a < b),
    ...turn('highest', finite, (a, b) => a > b),
  ];
  const broken = known.find(({ value }) => typeof value === 'string');
  const gap =
    broken === undefined ? [] : [`${String(broken.value)} in epoch ${String(epochs[broken.at])}`];
  return [ends, ...extremes, ...gap].join(', ');
}

interface Point {
  readonly value: number;
  readonly epoch: number;
}

/** The extreme value of a curve, when it is not one of its ends: there it has been said. */
function turn(
  word: string,
  points: readonly Point[],
  beats: (a: number, b: number) => boolean,
): readonly string[] {
  const [first, ...rest] = points;
  if (first === undefined) return [];
  const best = rest.reduce((a, b) => (beats(b.value, a.value) ? b : a), first);
  const ends = [first.value, points.at(-1)?.value];
  return ends.includes(best.value)
    ? []
    : [`${word} ${formatMetric(best.value)} in epoch ${String(best.epoch)}`];
}

/** A metric in four significant digits: `0.4123`, `1.2e-5`. */
export function formatMetric(value: Value): string {
  if (typeof value === 'string') return value;
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)) {
    return value.toExponential(2);
  }
  return Number(value.toPrecision(4)).toString();
}
