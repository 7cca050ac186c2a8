import type { NamedModel, NamedTensor } from '../../../src/freeze/tensor';

/** Seeded random numbers, so that a failing case can be run again (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }
}

const parameter = (module: string, leaf: string, type: string, separator: string): NamedTensor => ({
  name: module === '' ? leaf : module + separator + leaf,
  kind: 'parameter',
  module,
  type,
});

const statistic = (module: string, leaf: string, type: string, separator: string): NamedTensor => ({
  ...parameter(module, leaf, type, separator),
  kind: 'statistic',
});

/** A layer as TensorFlow.js (separator `/`) or PyTorch (`.`) names its tensors. */
export function layer(module: string, type: string, separator: '.' | '/' = '/'): NamedTensor[] {
  const tfjs = separator === '/';
  if (type.startsWith('BatchNorm')) {
    return [
      parameter(module, tfjs ? 'gamma' : 'weight', type, separator),
      parameter(module, tfjs ? 'beta' : 'bias', type, separator),
      statistic(module, tfjs ? 'moving_mean' : 'running_mean', type, separator),
      statistic(module, tfjs ? 'moving_variance' : 'running_var', type, separator),
    ];
  }
  return [
    parameter(module, tfjs ? 'kernel' : 'weight', type, separator),
    parameter(module, 'bias', type, separator),
  ];
}

export const model = (
  name: string,
  className: string,
  tensors: readonly NamedTensor[],
): NamedModel => ({ name, className, tensors });

/** A small network as `samples/tfjs-digits` has it. */
export const digits = model('sequential_1', 'Sequential', [
  ...layer('conv1', 'Conv2D'),
  ...layer('bn1', 'BatchNormalization'),
  ...layer('conv2', 'Conv2D'),
  ...layer('bn2', 'BatchNormalization'),
  ...layer('dense', 'Dense'),
]);

/** `blocks` transformer blocks of 20 tensors each, named as PyTorch does. */
export const transformer = (blocks: number, name = 'model'): NamedModel =>
  model(
    name,
    'Transformer',
    Array.from({ length: blocks }, (_, index) => `encoder.layer.${index}`).flatMap((block) => [
      ...['query', 'key', 'value', 'output'].flatMap((each) =>
        layer(`${block}.attention.${each}`, 'Linear', '.'),
      ),
      ...layer(`${block}.intermediate.dense`, 'Linear', '.'),
      ...layer(`${block}.output.dense`, 'Linear', '.'),
      ...layer(`${block}.norm1`, 'BatchNorm1d', '.'),
      ...layer(`${block}.norm2`, 'BatchNorm1d', '.'),
    ]),
  );

/** A random model with nested modules, statistics, tied tensors and names that need escaping. */
export function randomModel(random: Random, name: string, separator: '.' | '/'): NamedModel {
  const tensors: NamedTensor[] = [];
  const modules = 1 + random.below(7);
  for (let index = 0; index < modules; index += 1) {
    const depth = random.below(3);
    const parts = Array.from({ length: depth }, () => random.pick(['a', 'b', 'block1', 'block10']));
    const own = random.pick(['conv', 'bn', '0', '[x]', 'q*', '!n', 'a{b', 'k,v', 'back\\slash']);
    const module = [...parts, `${own}${index}`].join(separator);
    const type = random.pick(['Conv2D', 'Dense', 'BatchNorm2d', 'BatchNormalization', 'X[y]']);
    tensors.push(...layer(module, type, separator));
  }
  if (random.chance(0.3)) tensors.push(parameter('', 'scale', '', separator));
  if (random.chance(0.2)) tensors.push(statistic('', 'step', '', separator));
  return model(
    name,
    random.pick(['Sequential', 'Net']),
    tensors.map((tensor, index) =>
      random.chance(0.15)
        ? { ...tensor, aliases: [`tied${separator}${random.pick(['x', 'y'])}${index}`] }
        : tensor,
    ),
  );
}
