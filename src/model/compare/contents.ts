import type { Storage, StoredTensor } from '../checkpoint/checkpoint';
import { CheckpointError } from '../checkpoint/checkpointError';
import { bytesOf } from '../checkpoint/dtypes';
import { MemorySource } from '../checkpoint/memorySource';
import { elementCount } from '../shape';
import { BlockReader } from './blockReader';
import type { PairVerdict } from './comparison';
import { Delta, STRETCH } from './delta';
import { boxesOf, Gatherer } from './gather';
import { extentOf, laidOutAlike } from './view';

/** Bytes of a tensor that is unpacked as a whole because it has to be read in another order. */
const MOST_UNPACKED = 32 * 2 ** 20;

/** One of the two compared files, with the memory for a stretch of elements. */
class Side {
  readonly reader = new BlockReader();
  readonly gatherer = new Gatherer(this.reader);
  #stretch = new ArrayBuffer(0);

  stretch(bytes: number): Uint8Array {
    if (this.#stretch.byteLength < bytes) this.#stretch = new ArrayBuffer(bytes);
    return new Uint8Array(this.#stretch, 0, bytes);
  }
}

/** Compares the values of tensors, in memory that does not grow with them. */
export class Contents {
  readonly #before = new Side();
  readonly #after = new Side();

  /** Bytes read so far, of both files. */
  get bytesRead(): number {
    return this.#before.reader.bytesRead + this.#after.reader.bytesRead;
  }

  /**
   * Compares two tensors of one shape and type, element by element: a transposed view is equal to
   * a copy of the same values that lie row by row.
   * @param progress told the bytes of each part that is done
   * @throws CheckpointError
   */
  compare(
    before: StoredTensor,
    after: StoredTensor,
    progress: (bytes: number) => void,
  ): Extract<PairVerdict, { kind: 'equal' | 'different' }> {
    if (laidOutAlike(before, after) && this.#sameBytes(before, after, progress)) {
      return { kind: 'equal', by: 'bytes' };
    }
    const delta = new Delta(before.dtype);
    if (before.strides === null && after.strides === null) this.#inRow(before, after, delta);
    else this.#inBoxes(before, after, delta);
    const measured = delta.result();
    return measured === null ? { kind: 'equal', by: 'bytes' } : { kind: 'different', ...measured };
  }

  #sameBytes(
    before: StoredTensor,
    after: StoredTensor,
    progress: (bytes: number) => void,
  ): boolean {
    const [from, to] = [this.#before.reader, this.#after.reader];
    const length = extentOf(before);
    for (let done = 0; done < length;) {
      const a = from.take(before.storage, before.offset + done, length - done);
      const b = to.take(after.storage, after.offset + done, a.length);
      const same = b.length === a.length ? a : a.subarray(0, b.length);
      if (Buffer.compare(same, b) !== 0) return false;
      done += b.length;
      progress(b.length);
    }
    return true;
  }

  #inRow(before: StoredTensor, after: StoredTensor, delta: Delta): void {
    const { dtype } = before;
    const elements = elementCount(before);
    for (let done = 0; done < elements; done += STRETCH) {
      const count = Math.min(STRETCH, elements - done);
      const [a, b] = [this.#before, this.#after].map((side) => side.stretch(bytesOf(dtype, count)));
      if (a === undefined || b === undefined) return;
      const at = bytesOf(dtype, done);
      this.#before.reader.fill(before.storage, before.offset + at, a);
      this.#after.reader.fill(after.storage, after.offset + at, b);
      delta.add(a, b, count);
    }
  }

  #inBoxes(before: StoredTensor, after: StoredTensor, delta: Delta): void {
    const { dtype, shape } = before;
    const [from, to] = [before.strides ?? rowByRow(shape), after.strides ?? rowByRow(shape)];
    // What has to be unpacked is gone through from start to end: going back begins anew.
    const packed = before.storage.place === null;
    const along = packed ? from : after.storage.place === null ? to : null;
    const other = packed && after.storage.place === null ? unpacked(after) : after;
    for (const box of boxesOf({ start: shape.map(() => 0), size: shape }, along)) {
      const count = elementCount({ shape: box.size });
      const a = this.#before.stretch(bytesOf(dtype, count));
      const b = this.#after.stretch(bytesOf(dtype, count));
      this.#before.gatherer.gather(before, from, box, a);
      this.#after.gatherer.gather(other, to, box, b);
      delta.add(a, b, count);
    }
  }
}

/**
 * The tensor in memory, where it can be read in any order.
 * @throws CheckpointError when it is too large for that
 */
function unpacked(tensor: StoredTensor): StoredTensor {
  const extent = extentOf(tensor);
  if (extent > MOST_UNPACKED) {
    const reason =
      `the tensor ${tensor.name} is compressed in both files and laid out differently, which is ` +
      `compared up to ${MOST_UNPACKED / 2 ** 20} MB. Save one of them without compression.`;
    throw new CheckpointError('', null, reason);
  }
  const bytes = new Uint8Array(extent);
  tensor.storage.readInto(tensor.offset, bytes);
  const source = new MemorySource('', bytes);
  const storage: Storage = {
    bytes: extent,
    crc32: null,
    place: { source, offset: 0 },
    readInto: (offset, target) => {
      source.readInto(offset, target);
    },
  };
  return { ...tensor, storage, offset: 0 };
}

function rowByRow(shape: readonly number[]): number[] {
  let stride = 1;
  return shape
    .toReversed()
    .map((size) => {
      const own = stride;
      stride *= size;
      return own;
    })
    .toReversed();
}
