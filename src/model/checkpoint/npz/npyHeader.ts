/**
 * The header of a `.npy` file, versions 1 to 3, by
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { CheckpointError } from '../checkpointError';
import { readLiteral, type Literal } from './pythonLiteral';

/** `\x93NUMPY`. */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;

/** Bytes: NumPy's own limit for headers that it parses without being asked to trust them. */
const MAX_HEADER = 10_000;

export interface NpyHeader {
  /** As NumPy writes it: `<f4`; null for a structured one. */
  readonly descr: string | null;
  /** The first index runs fastest. */
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Bytes from the start of the file to the values. */
  readonly offset: number;
}

export function isNpy(head: Uint8Array): boolean {
  return MAGIC.every((byte, index) => head[index] === byte);
}

/** Bytes of a header as NumPy pads it when the shape is short. */
const USUAL = 128;

/**
 * @param size bytes of the `.npy` file
 * @param read the first `length` bytes of it
 * @param file for messages
 * @param place of the `.npy` file in that file, bytes
 * @throws CheckpointError
 */
export function readNpyHeader(
  size: number,
  read: (length: number) => Uint8Array,
  file: string,
  place: number,
): NpyHeader {
  const fail = (offset: number, reason: string): never => {
    throw new CheckpointError(file, place + offset, `${reason}: the file is damaged.`);
  };
  const head = read(Math.min(size, USUAL));
  if (!isNpy(head)) return fail(0, 'a NumPy array should begin here');
  const version = head[6] ?? 0;
  if (version < 1 || version > 3) return fail(6, 'its version should be 1, 2 or 3');
  const start = version === 1 ? 10 : 12;
  if (head.length < start) return fail(8, 'its header is cut short');
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER) return fail(8, `its header says that it has ${String(length)} bytes`);
  const end = start + length;
  if (end > size) return fail(8, 'its header is cut short');
  const bytes = (end > head.length ? read(end) : head).subarray(start, end);
  const fields = readLiteral(new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes));
  if (!(fields instanceof Map)) return fail(start, 'its header is no dictionary');
  const { descr, order, shape } = {
    descr: fields.get('descr') as Literal | undefined,
    order: fields.get('fortran_order') as Literal | undefined,
    shape: fields.get('shape') as Literal | undefined,
  };
  const plain = typeof descr === 'string' ? descr : null;
  if (plain === null && !Array.isArray(descr)) return fail(start, 'its header has no descr');
  if (typeof order !== 'boolean') return fail(start, 'its header has no fortran_order');
  if (!isShape(shape)) return fail(start, 'its header has no shape');
  return { descr: plain, fortranOrder: order, shape, offset: end };
}

function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isSize);
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
