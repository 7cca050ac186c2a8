/** The native addon of tfjs-node and tfjs-node-gpu, 1.x to 4.x, as far as it is used here. */
export interface Binding {
  readonly TF_ATTR_TYPE: number;
  createTensor(shape: readonly number[], dtype: number, values: ArrayBufferView): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): ArrayBufferView;
  executeOp(
    name: string,
    attributes: readonly { name: string; type: number; value: number }[],
    inputs: readonly number[],
    outputs: number,
  ): readonly { readonly id: number; readonly shape: readonly number[] }[];
}

/** libtensorflow's numbers of element types (tensorflow/c/tf_datatype.h). */
export const TYPES = {
  float32: 1,
  int32: 3,
  complex64: 8,
  int64: 9,
  bool: 10,
  uint16: 17,
} as const;

/**
 * Runs TensorFlow ops past TensorFlow.js: the handles that they make are none of its tensors, so
 * no `tidy` and no `tf.memory()` sees them. All are given back by `dispose`.
 */
export class RawOps {
  private readonly made = new Set<number>();

  constructor(private readonly binding: Binding) {}

  /** Runs an op of one output; `types` are its attributes. @returns the handle of the output */
  run(op: string, types: Readonly<Record<string, number>>, inputs: readonly number[]): number {
    const type = this.binding.TF_ATTR_TYPE;
    const attributes = Object.entries(types).map(([name, value]) => ({ name, type, value }));
    const [output] = this.binding.executeOp(op, attributes, inputs, 1);
    if (output === undefined) throw new Error(`${op} made no output`);
    this.made.add(output.id);
    return output.id;
  }

  /** A tensor of the device with these values. */
  create(shape: readonly number[], dtype: number, values: ArrayBufferView): number {
    const id = this.binding.createTensor(shape, dtype, values);
    this.made.add(id);
    return id;
  }

  /** A vector of int32, which TensorFlow keeps in the host's memory. */
  ints(...values: readonly number[]): number {
    return this.create([values.length], TYPES.int32, Int32Array.from(values));
  }

  /** A view with another shape. */
  reshape(id: number, dtype: number, ...shape: readonly number[]): number {
    return this.run('Reshape', { T: dtype, Tshape: TYPES.int32 }, [id, this.ints(...shape)]);
  }

  /** A part along all dimensions; a view when it is a whole part of the first. */
  slice(id: number, dtype: number, begin: readonly number[], size: readonly number[]): number {
    const bounds = [this.ints(...begin), this.ints(...size)];
    return this.run('Slice', { T: dtype, Index: TYPES.int32 }, [id, ...bounds]);
  }

  /** The bytes of a tensor. */
  read(id: number): Buffer {
    const { buffer, byteOffset, byteLength } = this.binding.tensorDataSync(id);
    return Buffer.from(buffer, byteOffset, byteLength);
  }

  /** Hands a handle over to the caller, who then has to give it back. */
  keep(id: number): number {
    this.made.delete(id);
    return id;
  }

  /** Takes over a handle that another kept, to give it back with the rest. */
  adopt(id: number): number {
    this.made.add(id);
    return id;
  }

  dispose(): void {
    for (const id of this.made) this.binding.deleteTensor(id);
    this.made.clear();
  }
}

/** Runs `body` and gives back every handle that it made and did not keep. */
export function withOps<T>(binding: Binding, body: (ops: RawOps) => T): T {
  const ops = new RawOps(binding);
  try {
    return body(ops);
  } finally {
    ops.dispose();
  }
}
