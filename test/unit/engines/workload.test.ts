import { describe, expect, test } from 'vitest';
import { canTrainOnWasm, workloadFor } from '../../../src/engines/probe/workload';
import { parseConfig } from '../../../src/freeze/config';
import type { ModelInfo, TensorInfo } from '../../../src/model/inspection';

function tensor(name: string, type: string, shape: readonly number[]): TensorInfo {
  const [module = ''] = name.split('/');
  return { name, kind: 'parameter', module, type, dtype: 'float32', shape };
}

const model: ModelInfo = {
  name: 'net',
  className: 'Sequential',
  tensors: [
    tensor('conv1/kernel', 'Conv2D', [3, 3, 1, 8]),
    tensor('conv1/bias', 'Conv2D', [8]),
    { ...tensor('bn/moving_mean', 'BatchNormalization', [8]), kind: 'statistic' },
    tensor('depth/depthwise_kernel', 'DepthwiseConv2D', [3, 3, 8, 1]),
    tensor('head/kernel', 'Dense', [128, 10]),
  ],
};

function workload(...freeze: readonly unknown[]): ReturnType<typeof workloadFor> {
  return workloadFor([model], parseConfig(JSON.stringify({ freeze })).config?.rules ?? []);
}

test('a workload holds the kernels of the model, and what is frozen of them', () => {
  const { layers } = workload('conv1/**');
  expect(layers).toEqual([
    { op: 'conv', kernel: [3, 3, 1, 8], size: 32, trained: false, passes: false },
    { op: 'depthwise', kernel: [3, 3, 8, 1], size: 32, trained: true, passes: false },
    { op: 'dense', kernel: [128, 10], size: 1, trained: true, passes: true },
  ]);
});

test('the layer that flattens tells how large the images are', () => {
  const conv = (name: string, outputs: number): TensorInfo =>
    tensor(`${name}/kernel`, 'Conv2D', [3, 3, 4, outputs]);
  const tensors = [conv('a', 4), conv('b', 4), conv('c', 8), tensor('d/kernel', 'Dense', [32, 5])];
  const { layers } = workloadFor([{ ...model, tensors }], []);
  // 32 inputs of 8 channels are 2 by 2, which pooling made of 4 by 4.
  expect(layers.map(({ size }) => size)).toEqual([8, 4, 4, 1]);
});

test('of a large model the largest kernels are measured, in their order', () => {
  const tensors = Array.from({ length: 40 }, (_, at) =>
    tensor(`d${String(at)}/kernel`, 'Dense', [4, at + 1]),
  );
  const { layers } = workloadFor([{ ...model, tensors }], []);
  expect(layers.map(({ kernel }) => kernel[1])).toEqual([...Array(12).keys()].map((at) => at + 29));
});

test('without an inspection a small CNN is measured', () => {
  expect(workloadFor([], []).layers.map(({ op }) => op)).toEqual(['conv', 'conv', 'dense']);
});

describe('WebAssembly', () => {
  test.each<[string, readonly unknown[], boolean]>([
    ['nothing', [], false],
    ['every convolution', ['{conv1,depth}/**'], true],
    ['not the depthwise one', ['conv1/**'], false],
    ['the convolutions until epoch 2', [{ match: '{conv1,depth}/**', until: 2 }], false],
    ['the convolutions from epoch 2 on', [{ match: '{conv1,depth}/**', from: 2 }], false],
  ])('can train when the rules freeze %s: %j → %j', (_, freeze, can) => {
    expect(canTrainOnWasm(workload(...freeze))).toBe(can);
  });

  test('cannot pass a gradient through a frozen depthwise convolution to a bias before it', () => {
    const frozen = workload('{conv1,depth}/*kernel');
    expect(frozen.layers[1]).toMatchObject({ op: 'depthwise', trained: false, passes: true });
    expect(canTrainOnWasm(frozen)).toBe(false);
  });
});
