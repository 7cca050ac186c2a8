// Models of TensorFlow.js itself, and what it reads from those that tfjs_quantized_files.py wrote
// into the same folder: `node tfjsFiles.mjs FOLDER`.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tf from '@tensorflow/tfjs';

const folder = process.argv[2];
const expected = [];

/** A folder as TensorFlow.js's own file handler in Node writes it, with shards of so many bytes. */
function saveTo(name, shard = Infinity) {
  return {
    async save({ modelTopology, weightSpecs, weightData }) {
      const bytes = Buffer.from(weightData);
      const target = join(folder, name);
      mkdirSync(target, { recursive: true });
      const count = Math.max(1, Math.ceil(bytes.length / shard));
      const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}.bin`);
      paths.forEach((path, index) => {
        const from = count === 1 ? 0 : index * shard;
        writeFileSync(join(target, path), bytes.subarray(from, from + shard));
      });
      const weightsManifest = [{ paths, weights: weightSpecs }];
      const model = { format: 'layers-model', modelTopology, weightsManifest };
      writeFileSync(join(target, 'model.json'), JSON.stringify(model));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    },
  };
}

function loadFrom(name) {
  return {
    async load() {
      const text = readFileSync(join(folder, name, 'model.json'), 'utf8');
      const { weightsManifest, ...model } = JSON.parse(text);
      const parts = weightsManifest.flatMap(({ paths }) =>
        paths.map((path) => readFileSync(join(folder, name, path))),
      );
      const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
      return { ...model, weightSpecs, weightData: new Uint8Array(Buffer.concat(parts)).buffer };
    },
  };
}

async function content(tensor) {
  const values = await tensor.data();
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { dtype: tensor.dtype, shape: tensor.shape, sha256 };
}

async function add(name, model, variables) {
  const found = {};
  for (const [key, tensor] of variables) found[key] = await content(tensor);
  expected.push({ file: `${name}/model.json`, models: { [model]: found } });
}

function convolutional() {
  const model = tf.sequential({ name: 'digits' });
  model.add(tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 3, kernelSize: 3, name: 'conv' }));
  model.add(tf.layers.batchNormalization({ name: 'norm' }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 2, name: 'head' }));
  return model;
}

function recurrent() {
  const inside = tf.sequential({ name: 'inside' });
  inside.add(tf.layers.dense({ inputShape: [6], units: 4, name: 'first' }));
  inside.add(tf.layers.dense({ units: 3, name: 'second' }));
  const input = tf.input({ shape: [6] });
  const rows = tf.layers.reshape({ targetShape: [3, 1] }).apply(inside.apply(input));
  const ways = tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 2 }), name: 'ways' });
  const output = tf.layers.dense({ units: 1, name: 'head' }).apply(ways.apply(rows));
  return tf.model({ inputs: input, outputs: output, name: 'whole' });
}

async function layers(name, model, shard) {
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const [inputs, outputs] = [model.inputs, model.outputs].map(([{ shape }]) =>
    tf.randomUniform([4, ...shape.slice(1)]),
  );
  await model.fit(inputs, outputs, { epochs: 1, verbose: 0 });
  await model.save(saveTo(name, shard));
  const loaded = await tf.loadLayersModel(loadFrom(name));
  const variables = loaded.weights.map((weight) => [weight.originalName, weight.read()]);
  await add(name, loaded.name, variables);
}

async function graph(name) {
  const loaded = await tf.loadGraphModel(loadFrom(name));
  await add(
    name,
    'model',
    Object.entries(loaded.weights).map(([key, [tensor]]) => [key, tensor]),
  );
}

await layers('layers', convolutional());
await layers('layers-shards', convolutional(), 1000);
await layers('layers-nested', recurrent());
const written = readdirSync(folder).filter((name) => name.startsWith('graph'));
for (const name of written.sort()) await graph(name);
writeFileSync(join(folder, 'expected.json'), JSON.stringify(expected, null, 1));
