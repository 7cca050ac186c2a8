// In the style of the official tfjs-node examples: a dataset, fitDataset with a progress bar's
// callbacks, evaluation, and a model saved to disk and loaded again.
const tf = require('@tensorflow/tfjs-node-gpu');
const os = require('node:os');
const fs = require('node:fs');
const path = require('node:path');

const IMAGE = 8;
const BATCH = 16;

function* images() {
  for (let index = 0; index < 128; index++) {
    const label = index % 2;
    const pixels = new Float32Array(IMAGE * IMAGE).map((_, at) =>
      Math.floor(label ? at / IMAGE : at % IMAGE) % 2 ? 1 : (index % 7) / 20,
    );
    yield {
      xs: tf.tensor3d(pixels, [IMAGE, IMAGE, 1]),
      ys: tf.oneHot(tf.scalar(label, 'int32'), 2).toFloat(),
    };
  }
}

function createModel() {
  const model = tf.sequential({ name: 'stripes' });
  model.add(
    tf.layers.conv2d({
      name: 'conv',
      inputShape: [IMAGE, IMAGE, 1],
      kernelSize: 3,
      filters: 4,
      activation: 'relu',
    }),
  );
  model.add(tf.layers.batchNormalization({ name: 'norm' }));
  model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ name: 'dense', units: 2, activation: 'softmax' }));
  model.compile({
    optimizer: tf.train.adam(0.05),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  });
  return model;
}

async function run(epochs, modelSavePath) {
  const dataset = tf.data.generator(images).shuffle(64, 'seed').batch(BATCH);
  const model = createModel();
  await model.fitDataset(dataset, {
    epochs,
    validationData: dataset,
    verbose: 0,
    callbacks: {
      onEpochEnd: (epoch, logs) => console.log(`epoch ${epoch + 1} acc ${logs.acc.toFixed(1)}`),
    },
  });
  await model.save(`file://${modelSavePath}`);
  const loaded = await tf.loadLayersModel(`file://${modelSavePath}/model.json`);
  const [sample] = await dataset.take(1).toArray();
  const same = tf.equal(model.predict(sample.xs), loaded.predict(sample.xs)).all();
  console.log(
    `saved ${fs.readdirSync(modelSavePath).sort().join(' ')}; loaded equal ${same.dataSync()[0]}`,
  );
  console.log(`backend ${tf.getBackend()}`);
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stripes-'));
run(3, folder).finally(() => fs.rmSync(folder, { recursive: true }));
