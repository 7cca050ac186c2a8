/**
 * The variables of Keras's own layers in the order in which they are saved: Keras 3 numbers them in
 * its files (`save_own_variables` in keras/src/layers/layer.py) and leaves their names out.
 */

/** A variable, and the flag of the layer's config without which it is not there. */
type Variable = readonly [name: string, flag?: string];

const KERNEL: readonly Variable[] = [['kernel'], ['bias', 'use_bias']];
const EINSUM: readonly Variable[] = [['kernel'], ['bias', 'bias_axes']];
const CELL: readonly Variable[] = [['kernel'], ['recurrent_kernel'], ['bias', 'use_bias']];
const SEPARABLE: readonly Variable[] = [
  ['depthwise_kernel'],
  ['pointwise_kernel'],
  ['bias', 'use_bias'],
];
const AFFINE: readonly Variable[] = [
  ['gamma', 'scale'],
  ['beta', 'center'],
];

const LAYERS: Readonly<Record<string, readonly Variable[]>> = {
  Dense: KERNEL,
  EinsumDense: EINSUM,
  Embedding: [['embeddings']],
  Conv1D: KERNEL,
  Conv2D: KERNEL,
  Conv3D: KERNEL,
  Conv1DTranspose: KERNEL,
  Conv2DTranspose: KERNEL,
  Conv3DTranspose: KERNEL,
  DepthwiseConv1D: KERNEL,
  DepthwiseConv2D: KERNEL,
  SeparableConv1D: SEPARABLE,
  SeparableConv2D: SEPARABLE,
  BatchNormalization: [
    ...AFFINE,
    ['moving_mean'],
    ['moving_variance'],
    ['moving_stddev', 'renorm'],
    ['renorm_mean', 'renorm'],
    ['renorm_stddev', 'renorm'],
  ],
  LayerNormalization: AFFINE,
  GroupNormalization: AFFINE,
  RMSNormalization: [['scale']],
  SpectralNormalization: [['vector_u']],
  Normalization: [['mean'], ['variance'], ['count']],
  LSTMCell: CELL,
  GRUCell: CELL,
  SimpleRNNCell: CELL,
  ConvLSTMCell: CELL,
  PReLU: [['alpha']],
  SeedGenerator: [['seed_generator_state']],
};

/** Further layers, which have no variables of their own or only those of layers in them. */
const OTHERS = [
  ...['Sequential', 'Functional', 'LSTM', 'GRU', 'SimpleRNN', 'ConvLSTM1D', 'ConvLSTM2D'],
  ...['ConvLSTM3D', 'RNN', 'StackedRNNCells', 'Bidirectional', 'TimeDistributed'],
  ...['MultiHeadAttention', 'GroupedQueryAttention', 'Dropout', 'InputLayer'],
];

const BY_SNAKE: ReadonlyMap<string, string> = new Map(
  [...Object.keys(LAYERS), ...OTHERS].map((name) => [snakeCase(name), name]),
);

/** `to_snake_case` of keras/src/utils/naming.py. */
export function snakeCase(name: string): string {
  return name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** The class that Keras names so when it is not told a name: `conv2d_3`. Null for other names. */
export function classByName(name: string): string | null {
  return BY_SNAKE.get(name.replace(/_\d+$/, '')) ?? null;
}

/**
 * Names of the variables of a layer.
 * @param config of the layer; null when it is not known
 * @param quantized whether its first variable is of integers
 * @returns a number in place of what cannot be told
 */
export function variableNames(
  className: string,
  config: Readonly<Record<string, unknown>> | null,
  count: number,
  quantized: boolean,
): readonly string[] {
  const numbers = Array.from({ length: count }, (_, index) => String(index));
  if (!Object.hasOwn(LAYERS, className)) return numbers;
  const variables = LAYERS[className] ?? [];
  const flags = [...new Set(variables.flatMap(([, flag]) => flag ?? []))];
  const fitting = choices(flags)
    .filter((on) => config === null || flags.every((flag) => isOn(config, flag) === on.has(flag)))
    .map((on) => variables.filter(([, flag]) => flag === undefined || on.has(flag)))
    .map((chosen) => chosen.map(([name]) => name))
    .map((chosen) => (quantized ? withScale(chosen) : chosen))
    .filter((names) => names.length === count);
  if (fitting.length === 0) return numbers;
  return numbers.map((number, index) => {
    const [first, ...others] = fitting.map((names) => names[index] ?? number);
    return first !== undefined && others.every((name) => name === first) ? first : number;
  });
}

/** `Dense.quantize('int8')` and the like save the scale of the kernel behind the rest. */
function withScale(names: readonly string[]): readonly string[] {
  const [first] = names;
  return first === 'kernel' || first === 'embeddings' ? [...names, `${first}_scale`] : names;
}

/** Absent flags are on but for `renorm`; `bias_axes` is a text. */
function isOn(config: Readonly<Record<string, unknown>>, flag: string): boolean {
  const value = config[flag];
  if (flag === 'bias_axes') return typeof value === 'string' && value !== '';
  return flag === 'renorm' ? value === true : value !== false;
}

function choices(flags: readonly string[]): readonly ReadonlySet<string>[] {
  return flags.reduce<readonly ReadonlySet<string>[]>(
    (sets, flag) => sets.flatMap((set) => [set, new Set([...set, flag])]),
    [new Set<string>()],
  );
}
