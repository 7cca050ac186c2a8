import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../../src/model/checkpoint/checkpoint';
import type { H5Dataset, H5Group } from '../../../../src/model/checkpoint/hdf5/readHdf5';
import { layerConfig } from '../../../../src/model/checkpoint/keras/layerConfig';
import { snakeCase, variableNames } from '../../../../src/model/checkpoint/keras/layerVariables';
import { namedVariables } from '../../../../src/model/checkpoint/keras/weightsTree';
import { openCheckpointFile } from '../../../../src/model/checkpoint/openFile';
import { fileURLToPath } from 'node:url';

const CORPUS = new URL('../../../checkpoints/fuzz/corpus/', import.meta.url);

function opened(path: string): Checkpoint {
  return openCheckpointFile(fileURLToPath(new URL(path, CORPUS)), path);
}

/** A group of these children. */
function group(children: Readonly<Record<string, H5Group | H5Dataset>>, name?: string): H5Group {
  const attributes = new Map(name === undefined ? [] : [['name', name]]);
  return { kind: 'group', attributes, children: new Map(Object.entries(children)) };
}

/** A layer of Keras 3 with so many variables; files of its first versions have no names. */
function layer(
  count: number,
  name?: string,
  inner: Readonly<Record<string, H5Group>> = {},
): H5Group {
  const type = { kind: 'number', dtype: 'float32', size: 4, big: false } as const;
  const dataset = (): H5Dataset => ({
    ...{ kind: 'dataset', attributes: new Map(), type, shape: [1] },
    values: { kind: 'none', why: 'is made up' },
  });
  const all = Array.from({ length: count }, (_, index) => [String(index), dataset()] as const);
  return group({ vars: group(Object.fromEntries(all), name), ...inner });
}

function names(root: H5Group, config: unknown = null): readonly string[] {
  return namedVariables(root, layerConfig(config)).map(({ name }) => name);
}

const EXPECTED = [
  ['dense/kernel', 'parameter', 'Dense'],
  ['dense/bias', 'parameter', 'Dense'],
  ['batch_normalization/gamma', 'parameter', 'BatchNormalization'],
  ['batch_normalization/beta', 'parameter', 'BatchNormalization'],
  ['batch_normalization/moving_mean', 'statistic', 'BatchNormalization'],
  ['batch_normalization/moving_variance', 'statistic', 'BatchNormalization'],
];

describe('a file that Keras 3 wrote', () => {
  it.each(['keras/model.keras', 'keras-weights/model.weights.h5', 'keras-legacy/model.h5'])(
    '%s has the names of the variables, without the optimizer',
    (path) => {
      const checkpoint = opened(path);
      expect(checkpoint).toMatchObject({ format: 'keras', framework: 'keras', warnings: [] });
      const [model] = checkpoint.models;
      expect(model?.name).toBe('sequential');
      const found = model?.tensors.map(({ name, kind, type }) => [name, kind, type]) ?? [];
      expect([...found].sort()).toEqual([...EXPECTED].sort());
      checkpoint.close();
    },
  );

  it('has the same values whole and as weights', () => {
    const [whole, weights] = ['keras/model.keras', 'keras-weights/model.weights.h5'].map(opened);
    for (const tensor of whole?.models[0]?.tensors ?? []) {
      const other = weights?.models[0]?.tensors.find(({ name }) => name === tensor.name);
      const contents = [tensor, other].map((each) => {
        const content = new Uint8Array(each?.storage.bytes ?? 0);
        each?.storage.readInto(0, content);
        return content;
      });
      expect(contents[0]?.length).toBeGreaterThan(0);
      expect(contents[0]).toEqual(contents[1]);
    }
    whole?.close();
    weights?.close();
  });

  it('keeps its stored weights where they are', () => {
    const checkpoint = opened('keras/model.keras');
    const bytes = readFileSync(new URL('keras/model.keras', CORPUS));
    const gamma = checkpoint.models[0]?.tensors.find(({ name }) => name.endsWith('/gamma'));
    const { source, offset = 0 } = gamma?.storage.place ?? {};
    expect(source?.name).toBe('keras/model.keras: model.weights.h5');
    expect(source?.read(offset, 4)).toHaveLength(4);
    expect(bytes.includes(Buffer.from(source?.read(offset, 8) ?? []))).toBe(true);
    checkpoint.close();
  });
});

describe('names of variables', () => {
  it.each<[string, number, object | null, readonly string[]]>([
    ['Dense', 2, null, ['kernel', 'bias']],
    ['Dense', 1, { use_bias: false }, ['kernel']],
    ['BatchNormalization', 4, null, ['gamma', 'beta', 'moving_mean', 'moving_variance']],
    ['BatchNormalization', 3, { scale: false }, ['beta', 'moving_mean', 'moving_variance']],
    ['BatchNormalization', 3, null, ['0', 'moving_mean', 'moving_variance']],
    ['LSTMCell', 3, null, ['kernel', 'recurrent_kernel', 'bias']],
    ['EinsumDense', 1, { bias_axes: null }, ['kernel']],
    ['SeparableConv2D', 3, {}, ['depthwise_kernel', 'pointwise_kernel', 'bias']],
    ['Dense', 5, null, ['0', '1', '2', '3', '4']],
    ['MyLayer', 2, null, ['0', '1']],
    ['constructor', 1, null, ['0']],
  ])('of %s with %d are told', (className, count, config, expected) => {
    const fields = config === null ? null : { ...config };
    expect(variableNames(className, fields, count, false)).toEqual(expected);
  });

  it('of a quantized layer end with the scale', () => {
    expect(variableNames('Dense', null, 3, true)).toEqual(['kernel', 'bias', 'kernel_scale']);
  });

  it.each([
    ['Conv2D', 'conv2d'],
    ['BatchNormalization', 'batch_normalization'],
    ['MultiHeadAttention', 'multi_head_attention'],
    ['PReLU', 'p_re_lu'],
    ['Conv2DTranspose', 'conv2d_transpose'],
    ['RMSNormalization', 'rms_normalization'],
    ['LSTMCell', 'lstm_cell'],
  ])('begin with %s as %s', (className, snake) => {
    expect(snakeCase(className)).toBe(snake);
  });

  it('come from the config where the file has none, in the order of the config', () => {
    const dense = (name: string): object => ({ class_name: 'Dense', config: { name } });
    const config = {
      class_name: 'Sequential',
      config: { name: 'net', layers: [dense('last'), dense('first')] },
    };
    const root = group({ layers: group({ dense: layer(2), dense_1: layer(2) }) });
    expect(names(root, config)).toEqual(['last/kernel', 'last/bias', 'first/kernel', 'first/bias']);
  });

  it('leave the names of Functional models out, unless two variables would have one', () => {
    const nested = (name: string, inner: string): H5Group =>
      layer(0, name, { layers: group({ dense: layer(1, inner) }) });
    const functional = (one: string, other: string): H5Group =>
      group({ layers: group({ functional: nested('a', one), functional_1: nested('b', other) }) });
    const named = namedVariables(functional('x', 'y'), null);
    expect(named.map(({ name, aliases }) => [name, aliases])).toEqual([
      ['x/kernel', ['a/x/kernel']],
      ['y/kernel', ['b/y/kernel']],
    ]);
    expect(names(functional('x', 'x'))).toEqual(['a/x/kernel', 'b/x/kernel']);
    const sequential = group({ layers: group({ sequential: nested('a', 'x') }) });
    expect(names(sequential)).toEqual(['a/x/kernel']);
  });

  it('go through cells, attributes and lists of a subclassed model', () => {
    const root = group({
      ...{ vars: group({}, 'own'), optimizer: layer(3, 'adam') },
      head: layer(2, 'dense_7'),
      blocks: group({
        conv2d: layer(2, 'conv2d_4'),
        conv2d_10: layer(1, 'b'),
        conv2d_2: layer(1, 'a'),
      }),
      rnn: layer(0, 'lstm', { cell: layer(3, 'lstm_cell') }),
      attention: layer(0, 'multi_head_attention', { query_dense: layer(1, 'query') }),
    });
    expect(names(root)).toEqual([
      ...['dense_7/kernel', 'dense_7/bias', 'conv2d_4/kernel', 'conv2d_4/bias'],
      ...['a/kernel', 'b/kernel', 'lstm/lstm_cell/kernel', 'lstm/lstm_cell/recurrent_kernel'],
      ...['lstm/lstm_cell/bias', 'multi_head_attention/query/kernel'],
    ]);
  });
});
