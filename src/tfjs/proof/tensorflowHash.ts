import { digestOf, LANES, ROW_HALVES, ROW_WORDS, type Weights } from './rowHash';
import { TYPES, withOps, type Binding, type RawOps } from './rawOps';

/** Rows that are multiplied at once: their products take 32 MB on the device, the rest 10 MB. */
const ROWS_AT_ONCE = 32;

/** Words of 32 bits in one element, of the types that are fingerprinted on the device. */
const WORDS: Readonly<Record<number, number>> = {
  [TYPES.float32]: 1,
  [TYPES.int32]: 1,
  [TYPES.complex64]: 2,
};

/** The weights on each device, as [LANES, ROW_HALVES] of int64: 1 MB. */
const uploaded = new WeakMap<Weights, WeakMap<Binding, number>>();

/** Whether tensors of this type (libtensorflow's number) are fingerprinted on the device. */
export function isHashable(dtype: number): boolean {
  return dtype in WORDS;
}

/**
 * The fingerprint of `hashRows`, computed where the tensor lies: of 64 KB, 32 bytes are read back.
 * Every op has a kernel for CUDA that works in the device's memory (read from the kernel registry
 * of PyPI's tensorflow 2.21: Slice of float, Bitcast, Cast of uint16 to int64, Mul and Sum of int64).
 * @param id handle of the tensor
 * @param elements of the tensor, at least 1
 * @throws when an op fails, for example for want of memory
 */
export function hashOnTensorflow(
  binding: Binding,
  id: number,
  dtype: number,
  elements: number,
  weights: Weights,
): Buffer {
  const perElement = WORDS[dtype];
  if (perElement === undefined) throw new Error(`elements of type ${dtype} are not fingerprinted`);
  const words = elements * perElement;
  const hashes = withOps(binding, (ops) => {
    const all = weightsOn(binding, weights);
    const flat = ops.reshape(id, dtype, elements);
    const parts = partsOf(words).map(({ from, rows, halves }) => {
      const w = halves === ROW_HALVES ? all : ops.slice(all, TYPES.int64, [0, 0], [LANES, halves]);
      const [begin, size] = [from / perElement, (rows * halves) / 2 / perElement];
      const sum = withOps(binding, (temporary) => {
        const part = temporary.slice(flat, dtype, [begin], [size]);
        return temporary.keep(hashPart(temporary, part, dtype, [rows, halves], w));
      });
      return ops.adopt(sum);
    });
    // Read when all is under way, so that an accelerator need not wait for us in between.
    return Buffer.concat(parts.map((part) => ops.read(part)));
  });
  return digestOf(hashes, words);
}

/** The hashes of `rows` rows of `halves` each, as [rows, LANES] of int64. */
function hashPart(
  ops: RawOps,
  part: number,
  dtype: number,
  [rows, halves]: readonly [number, number],
  weights: number,
): number {
  const bits = ops.run('Bitcast', { T: dtype, type: TYPES.uint16 }, [part]);
  const shaped = ops.reshape(bits, TYPES.uint16, rows, 1, halves);
  const wide = ops.run('Cast', { SrcT: TYPES.uint16, DstT: TYPES.int64 }, [shaped]);
  const products = ops.run('Mul', { T: TYPES.int64 }, [wide, weights]);
  return ops.run('Sum', { T: TYPES.int64, Tidx: TYPES.int32 }, [products, ops.ints(2)]);
}

interface Part {
  /** First word. */
  readonly from: number;
  readonly rows: number;
  readonly halves: number;
}

/** Whole rows, some at a time, and what is left over as a shorter row. */
function partsOf(words: number): readonly Part[] {
  const whole = Math.floor(words / ROW_WORDS);
  const parts: Part[] = [];
  for (let row = 0; row < whole; row += ROWS_AT_ONCE) {
    const rows = Math.min(ROWS_AT_ONCE, whole - row);
    parts.push({ from: row * ROW_WORDS, rows, halves: ROW_HALVES });
  }
  const left = words - whole * ROW_WORDS;
  if (left > 0) parts.push({ from: whole * ROW_WORDS, rows: 1, halves: 2 * left });
  return parts;
}

function weightsOn(binding: Binding, weights: Weights): number {
  const devices = uploaded.get(weights) ?? new WeakMap<Binding, number>();
  uploaded.set(weights, devices);
  const found = devices.get(binding);
  if (found !== undefined) return found;
  // tfjs-node takes int64 as pairs of int32, the low one first.
  const pairs = new Int32Array(2 * LANES * ROW_HALVES);
  for (let half = 0; half < ROW_HALVES; half++) {
    for (let lane = 0; lane < LANES; lane++) {
      pairs[2 * (lane * ROW_HALVES + half)] = weights.byHalf[half * LANES + lane] ?? 0;
    }
  }
  const id = binding.createTensor([LANES, ROW_HALVES], TYPES.int64, pairs);
  devices.set(binding, id);
  return id;
}
