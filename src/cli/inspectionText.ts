import type { FreezeConfig } from '../freeze/config';
import { planModel, type FrozenSpan } from '../freeze/plan';
import type { Inspection, ModelInfo, TensorInfo } from '../model/inspection';
import { elementCount, shapeText } from '../model/shape';
import { formatBytes } from '../runs/words/units';
import { visibleText } from '../runs/words/visibleText';
import { counted, formatCount } from '../runs/words/words';
import { moduleRows } from './moduleRows';

/**
 * The models as text: each module with its class, below it its tensors with element type, shape
 * (`3x3x1x8`), count of elements and, where a rule freezes them, in which epochs.
 * @param config null when there is none
 */
export function inspectionText(inspection: Inspection, config: FreezeConfig | null): string {
  return inspection.models.map((model) => modelText(model, config)).join('\n');
}

/**
 * One model as {@link inspectionText} shows it.
 * @param bytesOf with it the bytes of model and tensors are told too
 */
export function modelText(
  model: ModelInfo,
  config: FreezeConfig | null,
  bytesOf?: (tensor: TensorInfo) => number,
): string {
  const spans = planModel(config?.rules ?? [], model).spans;
  const { tensors } = model;
  const sizes = bytesOf && tensors.map(bytesOf);
  const facts = [
    counted(tensors.length, 'tensor'),
    counted(sum(tensors.map(elementCount)), 'element'),
    ...(sizes === undefined ? [] : [formatBytes(sum(sizes))]),
    ...(sizes !== undefined && config === null ? [] : [`${formatCount(spans.size)} frozen`]),
  ];
  const rows = moduleRows(tensors, (tensor, name, index) => {
    const size = sizes?.[index];
    return [
      name,
      `${tensor.dtype} ${shapeText(tensor, 'x')}`,
      counted(elementCount(tensor), 'element'),
      ...(size === undefined ? [] : [formatBytes(size)]),
      marks(tensor, spans.get(tensor.name)),
    ];
  });
  const lines = [`${modelWords(model)}: ${facts.join(', ')}`, ...rows];
  return `${lines.map(visibleText).join('\n')}\n`;
}

/** `digits (Sequential, copy of best)`. */
export function modelWords({
  name,
  className,
  copyOf,
}: Pick<ModelInfo, 'name' | 'className' | 'copyOf'>): string {
  const copy = copyOf === undefined ? '' : `copy of ${copyOf}`;
  const what = [className, copy].filter((part) => part !== '').join(', ');
  return what === '' ? name : `${name} (${what})`;
}

function marks(tensor: TensorInfo, spans: readonly FrozenSpan[] | undefined): string {
  const { kind, aliases = [] } = tensor;
  return [
    ...(kind === 'statistic' ? ['statistic'] : []),
    ...(spans === undefined ? [] : [`frozen${spans.map(spanText).join(' and')}`]),
    ...(aliases.length === 0 ? [] : [`also ${aliases.join(', ')}`]),
  ].join(', ');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function spanText({ from, until }: FrozenSpan): string {
  if (until !== null) return ` in epochs ${String(from)} to ${String(until)}`;
  return from === 1 ? '' : ` from epoch ${String(from)}`;
}
