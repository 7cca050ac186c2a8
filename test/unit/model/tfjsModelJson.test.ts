import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import type { TensorInfo } from '../../../src/model/inspection';
import { FileFormatError } from '../../../src/model/jsonFile';
import { readTfjsModelJson } from '../../../src/model/tfjsModelJson';
import { nameTensors } from '../../../src/tfjs/tensorNames';
import type { TfModel } from '../../../src/tfjs/tfjsTypes';

/** The `model.json` that TF.js itself writes of a model. */
async function saved(model: tf.LayersModel, includeOptimizer = false): Promise<string> {
  let text = '';
  const handler = tf.io.withSaveHandler((artifacts) => {
    const { modelTopology, format, generatedBy, weightSpecs } = artifacts;
    const weightsManifest = [{ paths: ['./weights.bin'], weights: weightSpecs }];
    text = JSON.stringify({ format, generatedBy, modelTopology, weightsManifest }, null, 2);
    const modelArtifactsInfo = { dateSaved: new Date(), modelTopologyType: 'JSON' as const };
    return Promise.resolve({ modelArtifactsInfo });
  });
  await model.save(handler, { includeOptimizer });
  return text;
}

function tensorsOf(text: string): readonly TensorInfo[] {
  return readTfjsModelJson(text, 'model.json').models[0]?.tensors ?? [];
}

function inner(name: string): tf.Sequential {
  return tf.sequential({
    name,
    layers: [
      tf.layers.conv2d({ name: `${name}_conv`, filters: 2, kernelSize: 3, inputShape: [8, 8, 1] }),
      tf.layers.batchNormalization({ name: `${name}_bn` }),
      tf.layers.flatten(),
    ],
  });
}

function nested(): tf.LayersModel {
  const input = tf.input({ shape: [8, 8, 1] });
  const features = inner('backbone').apply(input) as tf.SymbolicTensor;
  const output = tf.layers.dense({ name: 'head', units: 2 }).apply(features) as tf.SymbolicTensor;
  return tf.model({ name: 'net', inputs: input, outputs: output });
}

function recurrent(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.embedding({ inputDim: 10, outputDim: 4, inputLength: 5 }),
      tf.layers.bidirectional({
        layer: tf.layers.lstm({ units: 3, returnSequences: true }),
        mergeMode: 'concat',
      }),
      tf.layers.gru({ units: 2, returnSequences: true }),
      tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 2 }) }),
      tf.layers.rnn({
        cell: tf.layers.stackedRNNCells({
          cells: [tf.layers.lstmCell({ units: 2 }), tf.layers.gruCell({ units: 2 })],
        }),
      }),
    ],
  });
}

function shared(): tf.LayersModel {
  const layer = tf.layers.dense({ name: 'twin', units: 3 });
  const inputs = [tf.input({ shape: [3] }), tf.input({ shape: [3] })];
  const outputs = inputs.map((input) => layer.apply(input) as tf.SymbolicTensor);
  return tf.model({ inputs, outputs: tf.layers.add().apply(outputs) as tf.SymbolicTensor });
}

describe('a model.json that TF.js saved', () => {
  it.each([
    ['a sequential model', () => inner('plain')],
    ['a nested model', nested],
    ['recurrent layers and wrappers', recurrent],
    ['a shared layer', shared],
  ])('of %s has the tensors that the hook names', async (_, build) => {
    const model = build();
    const hook = nameTensors(model as unknown as TfModel).map(({ info }) => info);
    const byName = (a: TensorInfo, b: TensorInfo): number => a.name.localeCompare(b.name);
    expect([...tensorsOf(await saved(model))].sort(byName)).toEqual([...hook].sort(byName));
  });

  it('names the weights of a nested model behind its name, with the short name as alias', async () => {
    const [kernel] = tensorsOf(await saved(nested()));
    expect(kernel).toEqual({
      name: 'backbone/backbone_conv/kernel',
      aliases: ['backbone_conv/kernel'],
      kind: 'parameter',
      module: 'backbone/backbone_conv',
      type: 'Conv2D',
      dtype: 'float32',
      shape: [3, 3, 1, 2],
    });
  });

  it('tells statistics from parameters', async () => {
    const statistics = tensorsOf(await saved(nested())).filter(({ kind }) => kind === 'statistic');
    expect(statistics.map(({ name }) => name)).toEqual([
      'backbone/backbone_bn/moving_mean',
      'backbone/backbone_bn/moving_variance',
    ]);
  });

  it('has the name and class of the model', async () => {
    const [model] = readTfjsModelJson(await saved(nested()), 'model.json').models;
    expect(model).toMatchObject({ name: 'net', className: 'Model' });
  });

  it('leaves the state of the optimizer out', async () => {
    const model = inner('trained');
    model.add(tf.layers.dense({ units: 1 }));
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    await model.fit(tf.ones([2, 8, 8, 1]), tf.ones([2, 1]), { epochs: 1 });
    const text = await saved(model, true);
    expect(text).toContain('"optimizer"');
    expect(tensorsOf(text)).toHaveLength(model.weights.length);
  });

  it('tells apart layers of equal name in two nested models', async () => {
    const part = (name: string): tf.Sequential =>
      tf.sequential({ name, layers: [tf.layers.dense({ name: 'd', units: 2, inputShape: [2] })] });
    const tensors = tensorsOf(await saved(tf.sequential({ layers: [part('a'), part('b')] })));
    expect(tensors.map(({ name }) => name)).toEqual([
      'a/d/kernel',
      'a/d/bias',
      'b/d/kernel',
      'b/d/bias',
    ]);
    expect(tensors.every(({ aliases }) => aliases === undefined)).toBe(true);
  });
});

/** What `tensorflowjs_converter` writes of a Keras file: snake case, cell names, `model_config`. */
const KERAS = {
  format: 'layers-model',
  modelTopology: {
    keras_version: '2.4.0',
    model_config: {
      class_name: 'Functional',
      config: {
        name: 'keras_net',
        layers: [
          { class_name: 'InputLayer', name: 'in', config: { name: 'in' }, inbound_nodes: [] },
          { class_name: 'LSTM', name: 'lstm', config: { name: 'lstm' }, inbound_nodes: [] },
          { class_name: 'Dense', name: 'block/out', config: { name: 'block/out' } },
        ],
      },
    },
  },
  weightsManifest: [
    {
      paths: ['group1-shard1of1.bin'],
      weights: [
        { name: 'lstm/lstm_cell/kernel', shape: [4, 8], dtype: 'float32' },
        {
          name: 'block/out/kernel',
          shape: [2, 2],
          dtype: 'float32',
          quantization: { dtype: 'uint8', min: -1, scale: 0.1, original_dtype: 'float32' },
        },
      ],
    },
  ],
};

describe('a model.json from elsewhere', () => {
  it('that Keras wrote has the names that TF.js gives its weights', () => {
    const [model] = readTfjsModelJson(JSON.stringify(KERAS), 'model.json').models;
    expect(model?.name).toBe('keras_net');
    expect(model?.tensors.map(({ name, type }) => [name, type])).toEqual([
      ['lstm/kernel', 'LSTM'],
      ['block/out/kernel', 'Dense'],
    ]);
  });

  it('with quantized weights has the element type of the model', () => {
    expect(tensorsOf(JSON.stringify(KERAS)).map(({ dtype }) => dtype)).toEqual([
      'float32',
      'float32',
    ]);
  });

  it('of old Keras, whose Sequential is a list of layers, is read', () => {
    const text = JSON.stringify({
      modelTopology: {
        model_config: {
          class_name: 'Sequential',
          config: [{ class_name: 'Dense', config: { name: 'dense_1' } }],
        },
      },
      weightsManifest: [{ weights: [{ name: 'dense_1/kernel', shape: [1, 1], dtype: 'float32' }] }],
    });
    const [model] = readTfjsModelJson(text, 'model.json').models;
    expect(model).toMatchObject({ name: 'sequential', className: 'Sequential' });
    expect(model?.tensors[0]).toMatchObject({ name: 'dense_1/kernel', type: 'Dense' });
  });

  it.each([
    ['a manifest without a topology', { weightsManifest: KERAS.weightsManifest }],
    ['a topology that is null', { ...KERAS, modelTopology: null }],
    ['a bare weights manifest', KERAS.weightsManifest],
  ])('that is %s has the names of the manifest', (_, value) => {
    const [model] = readTfjsModelJson(JSON.stringify(value), 'model.json').models;
    expect(model).toMatchObject({ name: 'model', className: '' });
    expect(model?.tensors[0]).toMatchObject({
      name: 'lstm/lstm_cell/kernel',
      module: 'lstm/lstm_cell',
      type: '',
    });
  });

  it('that begins with a byte order mark is read', () => {
    expect(tensorsOf(`\uFEFF${JSON.stringify(KERAS)}`)).toHaveLength(2);
  });
});

describe('a file that cannot be read', () => {
  const failure = (text: string): FileFormatError => {
    try {
      readTfjsModelJson(text, 'models/a.json');
    } catch (error) {
      if (error instanceof FileFormatError) return error;
    }
    throw new Error('was read');
  };

  it.each([
    ['by its format', '{\n  "format": "graph-model",\n  "modelTopology": {"node": []}\n}'],
    ['by its nodes', '{"modelTopology": {"node": [{"op": "Const"}]}, "weightsManifest": []}'],
  ])('is refused as a graph model, recognised %s, with why and the way out', (_, text) => {
    expect(failure(text).message).toMatch(
      /^models\/a\.json:\d+:\d+: this is a TF\.js graph model: .* cannot train.* Convert .*tfjs_layers_model/,
    );
  });

  it('names the place of a syntax error', () => {
    expect(failure('{\n  "weightsManifest": [,]\n}').message).toMatch(
      /^models\/a\.json:2:23: not JSON/,
    );
  });

  it('names the place of a value of the wrong shape', () => {
    const text =
      '{"weightsManifest": [\n  {"weights": [{"name": "a", "shape": "3", "dtype": "int32"}]}]}';
    expect(failure(text)).toMatchObject({ file: 'models/a.json', line: 2, column: 39 });
    expect(failure(text).message).toContain('"weightsManifest.0.weights.0.shape"');
  });

  it('says that the manifest is missing', () => {
    expect(failure('{"modelTopology": null}').message).toContain('weightsManifest');
  });

  it.each(['', 'null', '3', '"model"'])('refuses %j without crashing', (text) => {
    expect(failure(text).line).toBe(1);
  });
});
