// Trains a small convolutional network on the digits 0 to 4 and saves it to pretrained/.
const path = require('node:path');
const tf = require('@tensorflow/tfjs');
const { loadDigits, SIDE } = require('./digits');
const { saveTo } = require('./files');

const conv = (name, filters) =>
  tf.layers.conv2d({
    name,
    filters,
    kernelSize: 3,
    padding: 'same',
    kernelInitializer: tf.initializers.heNormal({ seed: filters }),
  });
const pool = () => tf.layers.maxPooling2d({ poolSize: 2 });

async function main() {
  const { train, test } = loadDigits(0, 4);
  const model = tf.sequential({
    name: 'pretrained',
    layers: [
      tf.layers.inputLayer({ inputShape: [SIDE, SIDE, 1], name: 'image' }),
      conv('conv1', 8),
      tf.layers.batchNormalization({ name: 'bn1' }),
      tf.layers.reLU({ name: 'relu1' }),
      pool(),
      conv('conv2', 16),
      tf.layers.batchNormalization({ name: 'bn2' }),
      tf.layers.reLU({ name: 'relu2' }),
      pool(),
      tf.layers.flatten(),
      tf.layers.dense({
        name: 'dense',
        units: 32,
        activation: 'relu',
        kernelInitializer: tf.initializers.heNormal({ seed: 32 }),
      }),
      tf.layers.dense({ name: 'zero_to_four', units: 5, activation: 'softmax' }),
    ],
  });
  model.compile({
    optimizer: tf.train.adam(0.003),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  });
  await model.fit(train.x, train.y, {
    epochs: 8,
    batchSize: 32,
    verbose: 0,
    validationData: [test.x, test.y],
    callbacks: {
      onEpochEnd: (epoch, logs) =>
        console.log(`epoch ${epoch + 1}: held-out accuracy ${logs.val_acc.toFixed(3)}`),
    },
  });
  await model.save(saveTo(path.join(__dirname, 'pretrained')));
}

main();
