import { gradientChart } from './reportCharts';
import type { FactView } from './reportView';
import { statusWords } from './reportStatus';
import { distinctModels, lastAttempt, nameInAnyAttempt } from '../reduce/ranks';
import type { EpochState, RunState } from '../state';
import { cacheWords, deviceWords, engineWords } from '../words/engineWords';
import { formatBytes, formatDuration, localTime, percent } from '../words/units';
import { visibleText } from '../words/visibleText';
import { formatCount } from '../words/words';

/** What is known of a run beside its verdict, most wanted first. */
export function facts(state: RunState, running: boolean): readonly FactView[] {
  const { engine, processes } = state;
  const all: (FactView | null)[] = [
    fact('Status', statusWords(state)),
    epochsFact(state),
    durationFact(state, running),
    parametersFact(state),
    engine && fact('Engine', visibleText(engineWords(engine))),
    engine && fact('Device', visibleText(deviceWords(engine))),
    ...cacheFacts(state),
    ranksFact(state),
    comparisonFact(state),
    clockFact(state),
    gradientFact(state),
    fact('When one moves', state.onMove === 'stop' ? 'training stops' : 'training goes on'),
    state.command === '' ? null : fact('Command', visibleText(state.command), true),
    state.cwd === '' ? null : { ...fact('Folder', visibleText(state.cwd), true), local: true },
    engine && fact('Package', visibleText(engine.package), true),
    processes.length === 0 ? null : fact('Runtime', runtimes(state)),
    state.endedAt === null || state.startedAt === 0
      ? null
      : fact('Started', localTime(state.startedAt)),
    state.permafrost === '' ? null : fact('Permafrost', visibleText(state.permafrost)),
  ];
  return all.filter((each) => each !== null);
}

function fact(label: string, text: string, code = false): FactView {
  return { label, text, code, local: false };
}

function epochsFact({ models }: RunState): FactView | null {
  const model = models.at(-1);
  if (model === undefined) return null;
  // Elastic training goes on in another attempt.
  const attempts = models.filter((each) => nameInAnyAttempt(each) === nameInAnyAttempt(model));
  const ended = attempts.flatMap(({ epochs }) =>
    epochs.flatMap(({ epoch, milliseconds }) => (milliseconds === null ? [] : [epoch])),
  );
  const done = new Set(ended).size;
  const of = model.totalEpochs === null ? '' : ` of ${String(model.totalEpochs)}`;
  return fact('Epochs', `${String(done)}${of}`);
}

function durationFact({ startedAt, endedAt }: RunState, running: boolean): FactView | null {
  if (startedAt === 0) return null;
  const start = localTime(startedAt);
  if (endedAt === null) return fact('Started', running ? start : `${start}, end not known`);
  return fact('Duration', formatDuration(endedAt - startedAt));
}

function parametersFact({ models }: RunState): FactView | null {
  if (models.length === 0) return null;
  const distinct = distinctModels(models);
  const before = distinct.reduce((sum, model) => sum + model.trainableBefore, 0);
  const after = distinct.reduce((sum, model) => sum + model.trainableAfter, 0);
  return fact('Trainable parameters', trainableWords(before, after));
}

/** `1,186 → 330 (27.8%)`, in elements. */
export function trainableWords(before: number, after: number): string {
  if (before === after) return `${formatCount(before)} (all)`;
  return `${formatCount(before)} → ${formatCount(after)} (${percent(after, before)})`;
}

/** One for each model that has or could have a cache. */
function cacheFacts({ caches }: RunState): readonly FactView[] {
  return caches.map((cache) => {
    const of = caches.length > 1 ? ` of ${cache.model}` : '';
    return fact(visibleText(`Cache${of}`), visibleText(cacheWords(cache)));
  });
}

function runtimes({ processes }: RunState): string {
  return visibleText([...new Set(processes.map(({ runtime }) => runtime))].join(', '));
}

const CLOCKS: Readonly<Record<EpochState['clock'], string>> = {
  fit: 'the framework’s own epochs',
  dataset: 'passes over the dataset',
  evaluate: 'evaluations of the model',
  train: 'calls of model.train()',
  scheduler: 'steps of the learning rate scheduler',
  steps: 'a fixed number of optimizer steps',
  exit: 'the whole process as one epoch',
};

function clockFact({ models }: RunState): FactView | null {
  const clocks = new Set(models.flatMap(({ epochs }) => epochs.map(({ clock }) => CLOCKS[clock])));
  return clocks.size === 0 ? null : fact('Epochs told by', [...clocks].join('; '));
}

/** `4 on 2 machines, attempt 2`; null where no ranks train together. */
function ranksFact(state: RunState): FactView | null {
  const attempt = lastAttempt(state);
  const ranked = state.processes.filter((each) => each.rank !== null && each.attempt === attempt);
  const count = new Set(ranked.map(({ rank }) => rank)).size;
  const size = Math.max(count, ...ranked.map(({ worldSize }) => worldSize ?? 0));
  if (size < 2 && attempt === 1) return null;
  const of = size > count ? ` of ${formatCount(size)}` : '';
  const hosts = new Set(ranked.flatMap(({ host }) => host ?? [])).size;
  const on = hosts > 1 ? ` on ${formatCount(hosts)} machines` : '';
  const again = attempt > 1 ? `, attempt ${formatCount(attempt)}` : '';
  return fact('Ranks', `${formatCount(count)}${of}${on}${again}`);
}

function gradientFact({ models }: RunState): FactView | null {
  const model = models.at(-1);
  const chart = model === undefined ? null : gradientChart(model);
  return chart && fact('Gradient norm', chart.summary);
}

function comparisonFact(state: RunState): FactView | null {
  let times = 0;
  let bytes = 0;
  let milliseconds = 0;
  for (const { verification } of state.models.flatMap(({ epochs }) => epochs)) {
    if (verification === null) continue;
    times++;
    bytes += verification.bytes;
    milliseconds += verification.milliseconds;
  }
  if (times === 0) return null;
  return fact(
    'Compared',
    `${methodWords(state)}; ${formatBytes(bytes / times)} in ${formatDuration(milliseconds / times)} an epoch`,
  );
}

export type Method = 'bytes' | 'fingerprint' | 'mixed';

const METHODS: Readonly<Record<Method, string>> = {
  bytes: 'every byte with a kept copy',
  fingerprint: 'by fingerprint, for want of memory for a copy',
  mixed: 'with a kept copy as far as memory went, the rest by fingerprint',
};

function methodWords(state: RunState): string {
  const method = methodOf(state);
  if (method === 'bytes' || !isOnDevice(state)) return METHODS[method];
  return method === 'fingerprint'
    ? 'by fingerprint, computed on the device where they lie'
    : 'partly by fingerprint, computed on the device where they lie';
}

function isOnDevice({ models }: RunState): boolean {
  return models.some(({ epochs }) =>
    epochs.some(({ verification }) => (verification?.onDevice ?? 0) > 0),
  );
}

/** How all verifications of a run compared. */
export function methodOf({ models }: RunState): Method {
  const methods = new Set(
    models.flatMap(({ epochs }) =>
      epochs.flatMap(({ verification }) => (verification === null ? [] : [verification.method])),
    ),
  );
  const [only] = methods;
  return methods.size === 1 && only !== undefined ? only : 'mixed';
}
