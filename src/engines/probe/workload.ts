import type { Rule } from '../../freeze/config';
import { planModel } from '../../freeze/plan';
import type { FrozenSpan } from '../../freeze/spans';
import type { ModelInfo, TensorInfo } from '../../model/inspection';

/** A layer as the probe computes it, with random numbers in place of what comes before it. */
export interface ProbeLayer {
  readonly op: 'conv' | 'depthwise' | 'dense' | 'lookup';
  /** Shape of its kernel. */
  readonly kernel: readonly number[];
  /** Rows and columns of its input; 1 where it has none. */
  readonly size: number;
  /** Whether its kernel is trained in some epoch. */
  readonly trained: boolean;
  /** Whether gradients pass through it to a trained layer before it. */
  readonly passes: boolean;
}

/** What every engine has to compute; one step of it resembles a training step of the model. */
export interface Workload {
  readonly layers: readonly ProbeLayer[];
  /** Samples of a step. */
  readonly batch: number;
}

/** When nothing is known of the model. */
const SMALL_CNN: Workload = {
  batch: 16,
  layers: [
    { op: 'conv', kernel: [3, 3, 1, 8], size: 28, trained: true, passes: false },
    { op: 'conv', kernel: [3, 3, 8, 16], size: 14, trained: true, passes: true },
    { op: 'dense', kernel: [784, 10], size: 1, trained: true, passes: true },
  ],
};

const BATCH = 16;
/** Rows and columns of a convolution's input where nothing tells them: halved every second layer. */
const FIRST_SIZE = 32;
const LAST_SIZE = 4;
/** Larger ones are a mistake about the model, and take too long. */
const LARGEST_SIZE = 64;
/** More layers make the probe longer, not wiser. */
const MOST_LAYERS = 12;
const NO_SPANS: readonly FrozenSpan[] = [];

/**
 * The workload for a model: its largest kernels in their order, with what `rules` freeze.
 * @param models of the last inspection of the command; none when there was no inspection
 */
export function workloadFor(models: readonly ModelInfo[], rules: readonly Rule[]): Workload {
  const [model] = models.toSorted((a, b) => b.tensors.length - a.tensors.length);
  if (model === undefined) return SMALL_CNN;
  const { spans } = planModel(rules, model);
  const tensors = model.tensors.map((tensor) => ({
    tensor,
    op: opOf(tensor),
    trained: tensor.kind === 'parameter' && !isAlwaysFrozen(spans.get(tensor.name) ?? NO_SPANS),
  }));
  const kernels = tensors.filter(({ op }) => op !== null);
  const largest = new Set(
    kernels.toSorted((a, b) => elements(b.tensor) - elements(a.tensor)).slice(0, MOST_LAYERS),
  );
  const sizes = sizesOf(kernels.filter(({ op }) => isImage(op)).length, lastSize(kernels));
  let [trainedBefore, images] = [false, 0];
  const layers: ProbeLayer[] = [];
  for (const each of tensors) {
    const { tensor, op, trained } = each;
    if (op !== null && largest.has(each)) {
      const size = isImage(op) ? (sizes[images] ?? LAST_SIZE) : 1;
      layers.push({ op, kernel: tensor.shape, size, trained, passes: trainedBefore });
    }
    if (isImage(op)) images++;
    trainedBefore ||= trained;
  }
  return layers.length === 0 ? SMALL_CNN : { batch: BATCH, layers };
}

interface Kernel {
  readonly tensor: TensorInfo;
  readonly op: ProbeLayer['op'] | null;
}

function isImage(op: ProbeLayer['op'] | null): boolean {
  return op === 'conv' || op === 'depthwise';
}

/**
 * Rows and columns of what the last convolution gives on, which the first dense layer behind it
 * tells when it flattens them; null when it does not.
 */
function lastSize(kernels: readonly Kernel[]): number | null {
  const last = kernels.findLastIndex(({ op }) => isImage(op));
  const dense = kernels.slice(last + 1).find(({ op }) => op === 'dense');
  const channels = kernels[last]?.tensor.shape.at(-1) ?? 0;
  const size = Math.sqrt((dense?.tensor.shape[0] ?? 0) / channels);
  return Number.isInteger(size) && size > 1 ? size : null;
}

/** Rows and columns of the inputs of `count` convolutions, of which the last is pooled to `last`. */
function sizesOf(count: number, last: number | null): readonly number[] {
  return Array.from({ length: count }, (_, index) =>
    last === null
      ? Math.max(LAST_SIZE, FIRST_SIZE >> Math.floor(index / 2))
      : Math.min(LARGEST_SIZE, (2 * last) << Math.floor((count - 1 - index) / 2)),
  );
}

/** Whether WebAssembly has every kernel that training this needs (tfjs-backend-wasm 4.22). */
export function canTrainOnWasm({ layers }: Workload): boolean {
  return layers.every(
    ({ op, trained, passes }) =>
      (op !== 'conv' && op !== 'depthwise') || (!trained && !(op === 'depthwise' && passes)),
  );
}

function isAlwaysFrozen(spans: readonly FrozenSpan[]): boolean {
  return spans.some(({ from, until }) => from === 1 && until === null);
}

function opOf({ kind, type, shape }: TensorInfo): ProbeLayer['op'] | null {
  if (kind !== 'parameter') return null;
  if (shape.length === 4) return /depthwise|separable/i.test(type) ? 'depthwise' : 'conv';
  if (shape.length === 2) return type === 'Embedding' ? 'lookup' : 'dense';
  return null;
}

function elements({ shape }: TensorInfo): number {
  return shape.reduce((product, size) => product * size, 1);
}
