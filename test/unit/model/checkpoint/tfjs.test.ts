import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, it } from 'vitest';
import type { Checkpoint, StoredTensor } from '../../../../src/model/checkpoint/checkpoint';
import { CheckpointError } from '../../../../src/model/checkpoint/checkpointError';
import { MemorySource } from '../../../../src/model/checkpoint/memorySource';
import { openCheckpoint } from '../../../../src/model/checkpoint/openCheckpoint';
import { checkSiblingName } from '../../../../src/model/checkpoint/siblingName';

type Spec = tf.io.WeightsManifestEntry;
const NAME = 'web/model.json';

/** Opens a model.json with these files beside it. */
function open(json: unknown, files: Readonly<Record<string, Uint8Array>> = {}): Checkpoint {
  const text = typeof json === 'string' ? json : JSON.stringify(json);
  return openCheckpoint(new MemorySource(NAME, Buffer.from(text)), {
    open(name) {
      checkSiblingName(name, NAME);
      const bytes = files[name];
      if (bytes === undefined) throw new CheckpointError(name, null, 'there is no such file.');
      return new MemorySource(name, bytes);
    },
  });
}

function refusal(json: unknown, files: Readonly<Record<string, Uint8Array>> = {}): CheckpointError {
  try {
    open(json, files);
  } catch (error) {
    if (error instanceof CheckpointError) return error;
    throw error;
  }
  throw new Error('was read');
}

function manifest(weights: readonly object[], paths = ['w.bin']): object {
  return { weightsManifest: [{ paths, weights }] };
}

function contentOf({ storage }: StoredTensor): Uint8Array {
  const content = new Uint8Array(storage.bytes);
  storage.readInto(0, content);
  return content;
}

function tensorsOf({ models }: Checkpoint): readonly StoredTensor[] {
  return models[0]?.tensors ?? [];
}

async function artifactsOf(model: tf.LayersModel): Promise<tf.io.ModelArtifacts> {
  let saved: tf.io.ModelArtifacts = {};
  const handler = tf.io.withSaveHandler((artifacts) => {
    saved = artifacts;
    const modelArtifactsInfo = { dateSaved: new Date(), modelTopologyType: 'JSON' as const };
    return Promise.resolve({ modelArtifactsInfo });
  });
  await model.save(handler);
  return saved;
}

describe('a model that TF.js saved', async () => {
  const model = tf.sequential({
    name: 'net',
    layers: [
      tf.layers.dense({
        name: 'first',
        units: 5,
        inputShape: [3],
        biasInitializer: 'randomNormal',
      }),
      tf.layers.batchNormalization({ name: 'bn' }),
      tf.layers.dense({ name: 'last', units: 2 }),
    ],
  });
  const { modelTopology, format, weightSpecs = [], weightData } = await artifactsOf(model);
  const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
  afterAll(() => {
    model.dispose();
  });

  it.each([
    ['one shard', [bytes.length]],
    ['shards that end within tensors and within numbers', [7, 30, 1, bytes.length]],
  ])('in %s has the values of the model', (_, sizes) => {
    const files: Record<string, Uint8Array> = {};
    let at = 0;
    for (const [index, size] of sizes.entries()) {
      files[`shard${String(index)}.bin`] = bytes.subarray(at, at + size);
      at += size;
    }
    const weightsManifest = [{ paths: Object.keys(files), weights: weightSpecs }];
    const checkpoint = open({ modelTopology, format, weightsManifest }, files);
    expect(checkpoint).toMatchObject({
      format: 'tensorflow.js',
      framework: 'tensorflow.js',
      models: [{ name: 'net', className: 'Sequential' }],
      files: [NAME, ...Object.keys(files)],
      warnings: [],
    });
    const tensors = tensorsOf(checkpoint);
    expect(tensors.map(({ name, kind, type }) => [name, kind, type])).toEqual([
      ['first/kernel', 'parameter', 'Dense'],
      ['first/bias', 'parameter', 'Dense'],
      ['bn/gamma', 'parameter', 'BatchNormalization'],
      ['bn/beta', 'parameter', 'BatchNormalization'],
      ['last/kernel', 'parameter', 'Dense'],
      ['last/bias', 'parameter', 'Dense'],
      ['bn/moving_mean', 'statistic', 'BatchNormalization'],
      ['bn/moving_variance', 'statistic', 'BatchNormalization'],
    ]);
    const values = model.weights.map((weight) => [weight.originalName, weight.read().dataSync()]);
    for (const [name, value] of values as [string, Float32Array][]) {
      const tensor = tensors.find((each) => each.name === name);
      expect(tensor && Buffer.from(contentOf(tensor))).toEqual(Buffer.from(value.buffer));
    }
  });
});

describe('quantized weights', () => {
  const halves = new Uint16Array([
    ...[0, 0x8000, 1, 0x3ff, 0x400, 0x3c00, 0xc500, 0x7bff, 0x7c00, 0xfc00, 0x7e01, 0x8001],
  ]);
  const weights: Spec[] = [
    {
      name: 'a',
      shape: [256],
      dtype: 'float32',
      quantization: { dtype: 'uint8', scale: 0.1, min: -3 },
    },
    {
      name: 'b',
      shape: [2, 3],
      dtype: 'float32',
      quantization: { dtype: 'uint16', scale: 1e-5, min: 2 },
    },
    {
      name: 'c',
      shape: [4],
      dtype: 'int32',
      quantization: { dtype: 'uint8', scale: 2.5, min: -7 },
    },
    { name: 'd', shape: [12], dtype: 'float32', quantization: { dtype: 'float16' } },
  ];
  const bytes = Buffer.concat([
    Buffer.from(Array.from({ length: 256 }, (_, code) => code)),
    Buffer.from(new Uint16Array([0, 1, 255, 256, 65534, 65535]).buffer),
    Buffer.from([0, 1, 2, 255]),
    Buffer.from(halves.buffer),
  ]);
  const files = { 'w.bin': new Uint8Array(bytes) };
  const decoded = tf.io.decodeWeights(new Uint8Array(bytes).buffer, weights);

  it.each(weights.map(({ name }) => name))('%s has the values that TF.js makes of it', (name) => {
    const tensor = tensorsOf(open(manifest(weights), files)).find((each) => each.name === name);
    if (tensor === undefined) throw new Error('is not there');
    expect(tensor.storage.place).toBeNull();
    const value = decoded[name]?.dataSync() as Float32Array;
    expect(tensor.dtype).toBe(decoded[name]?.dtype);
    expect(Buffer.from(contentOf(tensor))).toEqual(Buffer.from(value.buffer));
    const part = new Uint8Array(9);
    tensor.storage.readInto(3, part);
    expect(part).toEqual(contentOf(tensor).subarray(3, 12));
  });

  it('are said to be quantized', () => {
    const [warning] = open(manifest(weights), files).warnings;
    expect(warning?.text).toContain('4 weights are quantized as uint8, uint16, float16');
  });
});

describe('a manifest', () => {
  it('may hold texts, which are passed over, booleans and complex numbers', () => {
    const texts = Buffer.from('\u0002\0\0\0hi\0\0\0\0');
    const weights = [
      { name: 'vocabulary', shape: [2], dtype: 'string' },
      { name: 'mask', shape: [3], dtype: 'bool' },
      { name: 'phase', shape: [1], dtype: 'complex64' },
    ];
    const bytes = Buffer.concat([texts, Buffer.from([1, 0, 1]), Buffer.alloc(8, 9)]);
    const checkpoint = open(manifest(weights), { 'w.bin': bytes });
    expect(
      tensorsOf(checkpoint).map((each) => [each.name, each.dtype, [...contentOf(each)]]),
    ).toEqual([
      ['mask', 'bool', [1, 0, 1]],
      ['phase', 'complex64', Array.from({ length: 8 }, () => 9)],
    ]);
    expect(checkpoint.warnings[0]?.text).toContain('1 weight is of texts');
  });

  it('of a graph model is listed, with the warning that nothing of it trains', () => {
    const graph = {
      format: 'graph-model',
      modelTopology: { node: [{ op: 'Const' }] },
      ...manifest([{ name: 'Conv/BatchNorm/moving_mean', shape: [1], dtype: 'float32' }]),
    };
    const checkpoint = open(graph, { 'w.bin': Buffer.alloc(4) });
    expect(checkpoint.warnings[0]).toMatchObject({
      text: expect.stringContaining('graph model') as string,
    });
    expect(tensorsOf(checkpoint)).toMatchObject([{ kind: 'statistic' }]);
  });

  it('leaves the state of the optimizer out', () => {
    const weights = [
      { name: 'Adam/m', shape: [2], dtype: 'float32', group: 'optimizer' },
      { name: 'a', shape: [1], dtype: 'int32' },
    ];
    const [only, ...more] = tensorsOf(
      open(manifest(weights), { 'w.bin': Buffer.from('12345678abcd') }),
    );
    expect(more).toEqual([]);
    expect(only && Buffer.from(contentOf(only)).toString()).toBe('abcd');
  });

  const one = [{ name: 'a', shape: [2], dtype: 'float32' }];
  it.each<[string, unknown, Readonly<Record<string, Uint8Array>>, RegExp]>([
    [
      'with a shard that is too short',
      manifest(one),
      { 'w.bin': Buffer.alloc(7) },
      /^w\.bin: offset 0: "a" takes 8 bytes here, the file has 7/,
    ],
    ['with a shard that is not there', manifest(one), {}, /^w\.bin: there is no such file/],
    [
      'with a shard out of the folder',
      manifest(one, ['../w.bin']),
      {},
      /out of its folder: "\.\.\/w\.bin"/,
    ],
    ['with an absolute shard', manifest(one, ['/etc/passwd']), {}, /out of its folder/],
    [
      'with a shard twice',
      manifest(one, ['w.bin', 'w.bin']),
      { 'w.bin': Buffer.alloc(4) },
      /the file "w\.bin" twice/,
    ],
    ['with no shard', manifest(one, []), {}, /names no file/],
    [
      'with an unknown dtype',
      manifest([{ ...one[0], dtype: 'float8' }]),
      { 'w.bin': Buffer.alloc(8) },
      /"a": its dtype "float8"/,
    ],
    [
      'with a shape that no file holds',
      manifest([{ ...one[0], shape: [2 ** 30, 2 ** 30] }]),
      { 'w.bin': Buffer.alloc(8) },
      /"a" takes 4611686018427388000 bytes/,
    ],
    [
      'with a negative size',
      manifest([{ ...one[0], shape: [-1] }]),
      {},
      /"weightsManifest\.0\.weights\.0\.shape\.0"/,
    ],
    [
      'with texts that end behind the file',
      manifest([{ ...one[0], dtype: 'string' }]),
      { 'w.bin': Buffer.alloc(4, 0xff) },
      /w\.bin: offset 4294967299/,
    ],
    ['without paths', { weightsManifest: [{ weights: one }] }, {}, /"weightsManifest\.0\.paths"/],
  ])('%s is refused', (_, json, files, message) => {
    expect(refusal(json, files).message).toMatch(message);
  });

  it('of layers in layers without end is refused', () => {
    const depth = 200_000;
    const deep = '{"class_name":"Model","config":{"layers":['.repeat(depth) + ']}}'.repeat(depth);
    const text = `{"modelTopology":${deep},"weightsManifest":[]}`;
    expect(refusal(text).message).toMatch(/^web\/model\.json: the file is made to be too much/);
  });

  it('that ends in the middle names the place', () => {
    expect(refusal('{"weightsManifest": [').message).toMatch(
      /^web\/model\.json: offset \d+: .*not JSON/,
    );
  });
});
