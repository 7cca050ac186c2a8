import type { StoredTensor } from '../checkpoint/checkpoint';
import { bitsOf, type Dtype } from '../checkpoint/dtypes';
import type { BlockReader } from './blockReader';
import { STRETCH, STRETCH_BYTES } from './delta';
import type { View } from './elements';

/** A part of a tensor's index space, by dimension. */
export interface Box {
  readonly start: readonly number[];
  readonly size: readonly number[];
}

/**
 * Cuts a tensor's index space into boxes of up to `STRETCH` elements.
 * @param along strides to follow, so that the memory is gone through once from start to end; null
 *   for boxes whose sides are alike, so that both of two layouts have little to jump
 */
export function* boxesOf(box: Box, along: readonly number[] | null): Generator<Box> {
  const elements = box.size.reduce((all, size) => all * size, 1);
  if (elements <= STRETCH) {
    if (elements > 0) yield box;
    return;
  }
  const weights =
    along === null ? box.size : box.size.map((size, at) => (size > 1 ? (along[at] ?? 0) : -1));
  const longest = weights.reduce(
    (best, weight, at) => (weight > (weights[best] ?? 0) ? at : best),
    firstWide(box),
  );
  const whole = box.size[longest] ?? 1;
  const half = Math.ceil(whole / 2);
  const start = box.start[longest] ?? 0;
  yield* boxesOf({ ...box, size: box.size.with(longest, half) }, along);
  yield* boxesOf(
    { start: box.start.with(longest, start + half), size: box.size.with(longest, whole - half) },
    along,
  );
}

const firstWide = ({ size }: Box): number => size.findIndex((each) => each > 1);

/** A dimension of a box: its elements, and how far they lie from each other. */
interface Step {
  readonly size: number;
  /** In the storage, in elements. */
  readonly from: number;
  /** In the box row by row, in elements. */
  readonly to: number;
}

/** What is read at once may be this many times what is wanted of it. */
const SPARSE = 4;

/** Brings the elements of boxes together in row-major order, whatever the strides of the tensor. */
export class Gatherer {
  #memory = new ArrayBuffer(0);

  constructor(private readonly reader: BlockReader) {}

  /**
   * Fills `target` with the elements of a box.
   * @param strides of the tensor, in elements
   * @throws CheckpointError
   */
  gather(tensor: StoredTensor, strides: readonly number[], box: Box, target: Uint8Array): void {
    const item = bitsOf(tensor.dtype) / 8;
    const steps = stepsOf(strides, box);
    const first = box.start.reduce((sum, at, dimension) => sum + at * (strides[dimension] ?? 0), 0);
    // The dimensions whose elements lie close together are read at once, the others one by one.
    let [elements, span, together] = [1, 1, 0];
    for (const { size, from } of steps) {
      const wider = span + (size - 1) * from;
      if (wider * item > STRETCH_BYTES || wider > SPARSE * elements * size) break;
      [elements, span, together] = [elements * size, wider, together + 1];
    }
    if (this.#memory.byteLength < span * item) this.#memory = new ArrayBuffer(span * item);
    const bytes = new Uint8Array(this.#memory, 0, span * item);
    const copy = copierOf(tensor.dtype, bytes, target);
    const inner = steps.slice(0, together);
    walk(steps.slice(together), first, 0, (from, to) => {
      this.reader.fill(tensor.storage, tensor.offset + from * item, bytes);
      walk(inner, 0, to, copy);
    });
  }
}

/** The dimensions in which a box is wider than one, the closest in the storage first. */
function stepsOf(strides: readonly number[], { size }: Box): Step[] {
  let to = 1;
  const steps: Step[] = [];
  for (let at = size.length - 1; at >= 0; at -= 1) {
    const own = size[at] ?? 1;
    if (own > 1) steps.push({ size: own, from: strides[at] ?? 0, to });
    to *= own;
  }
  return steps.sort((a, b) => a.from - b.from);
}

/** Visits every element of the steps, the first step fastest. */
function walk(
  steps: readonly Step[],
  from: number,
  to: number,
  visit: (from: number, to: number) => void,
): void {
  const step = steps.at(-1);
  if (step === undefined) {
    visit(from, to);
    return;
  }
  const rest = steps.slice(0, -1);
  for (let at = 0; at < step.size; at += 1)
    walk(rest, from + at * step.from, to + at * step.to, visit);
}

/** Copies one element; as words, because a NaN may change its bits on the way through a number. */
function copierOf(
  dtype: Dtype,
  from: Uint8Array,
  to: Uint8Array,
): (at: number, to: number) => void {
  const item = bitsOf(dtype) / 8;
  const view: View = item === 1 ? Uint8Array : item === 2 ? Uint16Array : Uint32Array;
  const words = Math.max(1, item / 4);
  const source = new view(from.buffer, from.byteOffset, (from.length / item) * words);
  const target = new view(to.buffer, to.byteOffset, (to.length / item) * words) as Uint32Array;
  return (a, b) => {
    for (let word = 0; word < words; word += 1)
      target[b * words + word] = source[a * words + word] ?? 0;
  };
}
