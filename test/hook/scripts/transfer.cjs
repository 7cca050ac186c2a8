// Transfer learning: a saved model, cut before its last layer, with a new head on top.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const tf = require('@tensorflow/tfjs');

// What tfjs-node does for file:// URLs, for the plain package.
function fileHandler(directory) {
  return {
    async save(artifacts) {
      fs.mkdirSync(directory, { recursive: true });
      const { weightData, ...rest } = artifacts;
      fs.writeFileSync(path.join(directory, 'model.json'), JSON.stringify(rest));
      fs.writeFileSync(path.join(directory, 'weights.bin'), Buffer.from(weightData));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    },
    async load() {
      const rest = JSON.parse(fs.readFileSync(path.join(directory, 'model.json'), 'utf8'));
      const bytes = fs.readFileSync(path.join(directory, 'weights.bin'));
      return {
        ...rest,
        weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
      };
    },
  };
}

async function main() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'transfer-'));
  const pretrained = tf.sequential({ name: 'pretrained' });
  pretrained.add(
    tf.layers.conv2d({
      name: 'conv1',
      inputShape: [8, 8, 1],
      filters: 3,
      kernelSize: 3,
      strides: 2,
    }),
  );
  pretrained.add(tf.layers.batchNormalization({ name: 'bn1' }));
  pretrained.add(tf.layers.flatten({ name: 'flat' }));
  pretrained.add(tf.layers.dense({ name: 'old', units: 2 }));
  await pretrained.save(fileHandler(directory));

  const loaded = await tf.loadLayersModel(fileHandler(directory));
  const cut = loaded.getLayer('flat');
  const backbone = tf.model({ inputs: loaded.inputs, outputs: cut.output, name: 'backbone' });
  backbone.trainable = false;
  // compile() of a Sequential makes everything trainable again: TF.js undoes the line above.
  const model = tf.sequential({ name: 'tuned' });
  model.add(backbone);
  model.add(tf.layers.dense({ name: 'head', units: 2, activation: 'softmax' }));
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy' });
  const x = tf.randomUniform([8, 8, 8, 1], 0, 1, 'float32', 11);
  const y = tf.oneHot(tf.tensor1d([0, 1, 0, 1, 0, 1, 0, 1], 'int32'), 2);
  await model.fit(x, y, { epochs: 2, batchSize: 4, verbose: 0 });
  await model.save(fileHandler(directory));
  console.log('saved', fs.readdirSync(directory).join());
  fs.rmSync(directory, { recursive: true });
}

main();
