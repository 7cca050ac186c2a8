import { withHandle, type OnTensorflow } from './place';
import { TYPES, withOps, type Binding, type RawOps } from './rawOps';

/** Elements of int64 that are compared at once; measured: fewer cost more calls, all more memory. */
const AT_ONCE = 2 ** 22;

/** A copy of a tensor in TensorFlow's own memory, compared there byte by byte. */
export class TensorflowCopy {
  private constructor(
    private readonly binding: Binding,
    private readonly id: number,
    private readonly dtype: number,
    readonly bytes: number,
  ) {}

  /**
   * Copies a tensor of float32 or int32.
   * @throws when memory is short
   */
  static of({ binding, held, shape, dtype, elements }: OnTensorflow): TensorflowCopy {
    // TensorFlow may use the memory of an array that it is given: one that nobody else has.
    const id =
      typeof held === 'number'
        ? withOps(binding, (ops) => ops.keep(ops.run('DeepCopy', { T: dtype }, [held])))
        : binding.createTensor(shape, dtype, held.slice());
    return new TensorflowCopy(binding, id, dtype, 4 * elements);
  }

  /** Whether a tensor has the type, the size and the bytes of the copy. */
  equals(place: OnTensorflow): boolean {
    const { binding, dtype, elements } = place;
    if (binding !== this.binding || dtype !== this.dtype || 4 * elements !== this.bytes)
      return false;
    return withHandle(place, (id) => {
      const pairs = Math.floor(elements / 2);
      for (let from = 0; from < pairs; from += AT_ONCE) {
        const size = Math.min(AT_ONCE, pairs - from);
        if (!this.equalPart(id, 2 * from, size, TYPES.int64)) return false;
      }
      return elements % 2 === 0 || this.equalPart(id, elements - 1, 1, TYPES.int32);
    });
  }

  /** The bytes of the copy. */
  read(): Buffer {
    return withOps(this.binding, (ops) => ops.read(this.id));
  }

  release(): void {
    this.binding.deleteTensor(this.id);
  }

  /** @param type of integer that as many bytes are compared as: floats would hide -0 and NaN */
  private equalPart(id: number, from: number, size: number, type: number): boolean {
    const { dtype } = this;
    const perInteger = type === TYPES.int64 ? 2 : 1;
    const integers = (ops: RawOps, tensor: number): number => {
      const flat = ops.reshape(tensor, dtype, this.bytes / 4);
      const part = ops.slice(flat, dtype, [from], [size * perInteger]);
      const shaped = perInteger === 2 ? ops.reshape(part, dtype, size, 2) : part;
      return ops.run('Bitcast', { T: dtype, type }, [shaped]);
    };
    return withOps(this.binding, (ops) => {
      const equal = ops.run('Equal', { T: type }, [integers(ops, id), integers(ops, this.id)]);
      const all = ops.run('All', { Tidx: TYPES.int32 }, [equal, ops.ints(0)]);
      return ops.read(all)[0] === 1;
    });
  }
}
