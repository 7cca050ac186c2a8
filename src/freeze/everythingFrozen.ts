import type { ConfigProblem, Rule } from './config';
import { escapePattern } from './pattern';
import { isFrozenAt, type ModelPlan } from './spans';
import type { NamedModel } from './tensor';

interface Epochs {
  readonly from: number;
  /** Inclusive; null when there is no end. */
  readonly until: number | null;
}

/**
 * Tells the epochs in which every parameter of a model is frozen, so that there is nothing to
 * train; null when there are none. To be asked of models that train: a fixed feature extractor
 * beside them may well be frozen as a whole.
 */
export function everythingFrozen(
  rules: readonly Rule[],
  plan: ModelPlan,
  model: NamedModel,
): ConfigProblem | null {
  const parameters = model.tensors.filter((tensor) => tensor.kind === 'parameter');
  const last = parameters.at(-1);
  if (!last) return null;
  const epochs = fullyFrozen([
    ...new Set(parameters.map(({ name }) => plan.spans.get(name) ?? [])),
  ]);
  const [first] = epochs;
  if (!first) return null;
  const span = plan.spans.get(last.name)?.find((each) => isFrozenAt([each], first.from));
  const rule = span && rules[span.rule];
  const thaw = `!${escapePattern(last.name).replace(/(?<=[./])[^./]*$/, '**')}`;
  return {
    ...(rule?.place ?? { line: 1, column: 1, offset: 0, length: 0 }),
    severity: 'error',
    text: `Every parameter of "${model.name}" is frozen in ${inWords(epochs)}, so it cannot train.`,
    advice: `Thaw what should train by a later rule, such as "${thaw}".`,
  };
}

function fullyFrozen(timelines: readonly Parameters<typeof isFrozenAt>[0][]): Epochs[] {
  const starts = new Set([1]);
  for (const { from, until } of timelines.flatMap((spans) => spans ?? [])) {
    starts.add(from);
    if (until !== null) starts.add(until + 1);
  }
  const sorted = [...starts].sort((a, b) => a - b);
  const epochs: Epochs[] = [];
  sorted.forEach((from, index) => {
    if (!timelines.every((spans) => isFrozenAt(spans, from))) return;
    const next = sorted[index + 1];
    const until = next === undefined ? null : next - 1;
    const previous = epochs.at(-1);
    if (previous?.until === from - 1) epochs[epochs.length - 1] = { ...previous, until };
    else epochs.push({ from, until });
  });
  return epochs;
}

function inWords(epochs: readonly Epochs[]): string {
  const words = epochs.map(({ from, until }) => {
    if (until === null) return from === 1 ? 'every epoch' : `every epoch from ${from} on`;
    return from === until ? `epoch ${from}` : `epochs ${from} to ${until}`;
  });
  return words.join(' and ');
}
