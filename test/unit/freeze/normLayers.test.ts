import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/freeze/config';
import { applyConfigEdits, editFreeze } from '../../../src/freeze/edit';
import { earlyTensors, normLayers, type NormLayer } from '../../../src/freeze/normLayers';
import { planModel } from '../../../src/freeze/plan';
import type { NamedModel, NamedTensor } from '../../../src/freeze/tensor';

const STATISTICS = ['running_mean', 'running_var', 'num_batches_tracked'];

function layer(
  module: string,
  type: string,
  parameters: readonly string[],
  statistics: readonly string[] = [],
  separator = '.',
): NamedTensor[] {
  const tensor = (kind: NamedTensor['kind']) => (part: string) => ({
    name: `${module}${separator}${part}`,
    ...{ kind, module, type },
  });
  return [...parameters.map(tensor('parameter')), ...statistics.map(tensor('statistic'))];
}

const conv = (module: string): NamedTensor[] => layer(module, 'Conv2d', ['weight']);
const norm = (module: string, type = 'BatchNorm2d'): NamedTensor[] =>
  layer(module, type, ['weight', 'bias'], STATISTICS);

/** The names of torchvision's ResNet-18. */
const RESNET: NamedModel = {
  name: 'model',
  className: 'ResNet',
  tensors: [
    ...conv('conv1'),
    ...norm('bn1'),
    ...[1, 2, 3, 4].flatMap((stage) =>
      [0, 1].flatMap((block) => {
        const at = `layer${String(stage)}.${String(block)}`;
        const main = [1, 2].flatMap((part) => [
          ...conv(`${at}.conv${String(part)}`),
          ...norm(`${at}.bn${String(part)}`),
        ]);
        const side = [...conv(`${at}.downsample.0`), ...norm(`${at}.downsample.1`)];
        return stage > 1 && block === 0 ? [...main, ...side] : main;
      }),
    ),
    ...layer('fc', 'Linear', ['weight', 'bias']),
  ],
};

/** The rules that freeze the layers up to `module`, and the names that are frozen then. */
function freezeUpTo(
  module: string,
  affine: boolean,
  models: readonly NamedModel[] = [RESNET],
  before: readonly unknown[] = [],
): { readonly rules: readonly unknown[]; readonly frozen: readonly string[] } {
  const layers = models.flatMap((model) => normLayers(model));
  const last = layers.find((each) => each.module === module) as NormLayer;
  const early = earlyTensors(layers, last);
  const names = affine ? [...early.statistics, ...early.affine] : early.statistics;
  const selection = names.map((name) => ({ model: last.model, name }));
  const text = `${JSON.stringify({ freeze: before }, null, 2)}\n`;
  const after = applyConfigEdits(text, editFreeze(text, models, selection, true));
  const { freeze } = JSON.parse(after) as { freeze: readonly unknown[] };
  const rules = parseConfig(after).config?.rules ?? [];
  return {
    rules: freeze,
    frozen: models.flatMap((model) => [...planModel(rules, model).spans.keys()]),
  };
}

describe('normLayers', () => {
  it('are listed in the order of the tensors, with statistics and affine parameters apart', () => {
    const layers = normLayers(RESNET);
    expect(layers.map(({ module }) => module).slice(0, 7)).toEqual([
      'bn1',
      'layer1.0.bn1',
      'layer1.0.bn2',
      'layer1.1.bn1',
      'layer1.1.bn2',
      'layer2.0.bn1',
      'layer2.0.bn2',
    ]);
    expect(layers).toHaveLength(20);
    expect(layers[0]).toEqual({
      model: 'model',
      module: 'bn1',
      type: 'BatchNorm2d',
      statistics: ['bn1.running_mean', 'bn1.running_var', 'bn1.num_batches_tracked'],
      affine: ['bn1.weight', 'bn1.bias'],
    });
  });

  it('are known by their class or by their statistics', () => {
    const tensors = [
      ...layer('a', 'BatchNormalization', ['gamma'], ['moving_mean', 'moving_variance'], '/'),
      ...layer('b', 'SyncBatchNorm', ['weight'], STATISTICS),
      ...layer('c', 'InstanceNorm2d', [], ['running_mean', 'running_var']),
      ...layer('d', 'FrozenBatchNorm2d', [], ['weight', 'bias', 'running_mean', 'running_var']),
      ...layer('e', 'MyNorm', ['scale'], ['running_var']),
      ...layer('f', 'BatchNorm1d', ['weight', 'bias']),
      ...layer('g', 'LayerNorm', ['weight', 'bias']),
      ...layer('h', 'Embeddings', ['weight'], ['position_ids']),
    ];
    const layers = normLayers({ name: 'm', className: 'M', tensors });
    expect(layers.map(({ module }) => module)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});

describe('freezing early BatchNorm', () => {
  const upTo = (module: string): readonly string[] => {
    const names = normLayers(RESNET).map((each) => each.module);
    return names.slice(0, names.indexOf(module) + 1);
  };

  it.each(normLayers(RESNET).map(({ module }) => module))(
    'freezes exactly the layers up to %s',
    (module) => {
      for (const affine of [false, true]) {
        const parts = affine ? ['weight', 'bias', ...STATISTICS] : STATISTICS;
        const wanted = upTo(module).flatMap((each) => parts.map((part) => `${each}.${part}`));
        expect([...freezeUpTo(module, affine).frozen].sort()).toEqual(wanted.sort());
      }
    },
  );

  it.each([
    ['bn1', false, [{ match: 'bn1.**', tensors: 'statistics' }]],
    ['bn1', true, ['bn1.**']],
    [
      'layer1.1.bn2',
      false,
      [
        { match: 'bn1.**', tensors: 'statistics' },
        { match: 'layer1.**', tensors: 'statistics' },
      ],
    ],
    ['layer1.1.bn2', true, ['bn1.**', { match: 'layer1.**', type: 'BatchNorm2d' }]],
    ['layer2.1.bn2', false, [{ match: '{bn1,layer1,layer2}.**', tensors: 'statistics' }]],
    ['layer2.1.bn2', true, [{ match: '{bn1,layer1,layer2}.**', type: 'BatchNorm2d' }]],
    ['layer4.1.bn2', false, [{ match: '**', tensors: 'statistics' }]],
    ['layer4.1.bn2', true, [{ match: '**', type: 'BatchNorm2d' }]],
  ])('writes few rules up to %s, affine %s', (module, affine, rules) => {
    expect(freezeUpTo(module, affine).rules).toEqual(rules);
  });

  it('speaks of the layers of TensorFlow.js by their names', () => {
    const bn = (module: string): NamedTensor[] =>
      layer(
        module,
        'BatchNormalization',
        ['gamma', 'beta'],
        ['moving_mean', 'moving_variance'],
        '/',
      );
    const tensors = [
      ...layer('conv', 'Conv2D', ['kernel', 'bias'], [], '/'),
      ...[...bn('bn1'), ...bn('bn2'), ...bn('bn3'), ...bn('bn4')],
    ];
    const models = [{ name: 'net', className: 'Sequential', tensors }];
    expect(freezeUpTo('bn1', false, models).rules).toEqual([
      { match: 'bn1/**', tensors: 'statistics' },
    ]);
    expect(freezeUpTo('bn3', false, models).rules).toEqual([
      { match: '{bn1,bn2,bn3}/**', tensors: 'statistics' },
    ]);
    expect(freezeUpTo('bn3', true, models).rules).toEqual(['{bn1,bn2,bn3}/**']);
  });

  it('thaws nothing that is frozen already', () => {
    const { frozen } = freezeUpTo('bn1', false, [RESNET], ['layer4.**', 'fc.bias']);
    expect(frozen).toContain('layer4.1.bn2.running_var');
    expect(frozen).toContain('fc.bias');
    expect(frozen).toContain('bn1.running_mean');
  });

  it('leaves another model with the same names as it is', () => {
    const teacher = { ...RESNET, name: 'teacher', className: 'Teacher' };
    const { frozen, rules } = freezeUpTo('bn1', true, [RESNET, teacher]);
    expect(frozen).toHaveLength(5);
    expect(rules).toEqual([{ match: 'bn1.**', model: 'model' }]);
  });
});
