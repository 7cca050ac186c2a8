// Says as JSON what TensorFlow.js knows of the weights of a graph model: node graph-model.cjs FILE
const fs = require('node:fs');
const path = require('node:path');
const tf = require('@tensorflow/tfjs');

async function main(file) {
  const json = JSON.parse(fs.readFileSync(file, 'utf8'));
  const groups = json.weightsManifest;
  const weightSpecs = groups.flatMap(({ weights }) => weights);
  const buffers = groups
    .flatMap(({ paths }) => paths)
    .map((name) => fs.readFileSync(path.join(path.dirname(file), name)));
  const weightData = new Uint8Array(Buffer.concat(buffers)).buffer;
  const artifacts = { modelTopology: json.modelTopology, weightSpecs, weightData };
  const model = await tf.loadGraphModel({ load: async () => artifacts });
  const named = Object.entries(model.weights).map(([name, [{ dtype, shape }]]) => [
    name,
    { dtype, shape },
  ]);
  console.log(JSON.stringify(Object.fromEntries(named)));
}

void main(process.argv[2]);
