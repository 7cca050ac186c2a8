/**
 * What a rule can see of a tensor. A **parameter** is what an optimizer moves; a **statistic** is
 * what training moves beside it (BatchNorm's running mean and variance).
 */
export type TensorKind = 'parameter' | 'statistic';

/** A tensor as rules address it. */
export interface NamedTensor {
  /** The framework's own name, without wrapper prefixes: `features.0.weight`, `conv1/kernel`. */
  readonly name: string;
  /** Further names of the same memory (tied weights, a layer shared by two models). */
  readonly aliases?: readonly string[] | undefined;
  readonly kind: TensorKind;
  /** Full name of the owning module or layer; empty for a tensor that belongs to none. */
  readonly module: string;
  /** Class of the owning module or layer: `Conv2D`, `BatchNorm2d`; empty when there is none. */
  readonly type: string;
}

/** A model as rules address it: `model` of a rule is a glob over `name` or `className`. */
export interface NamedModel<T extends NamedTensor = NamedTensor> {
  readonly name: string;
  readonly className: string;
  readonly tensors: readonly T[];
}
