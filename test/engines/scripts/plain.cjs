// A script of plain TensorFlow.js: makes tensors while it loads, and trains a small CNN.
const tf = require('@tensorflow/tfjs');

const labels = tf.tensor1d([0, 1, 0, 1, 0, 1, 0, 1], 'int32');
const ys = tf.oneHot(labels, 2);
const xs = tf.randomUniform([8, 8, 8, 1], 0, 1, 'float32', 7);
if (process.argv[2] !== undefined) tf.setBackend(process.argv[2]);

const model = tf.sequential({ name: 'plain' });
model.add(
  tf.layers.conv2d({
    name: 'conv',
    inputShape: [8, 8, 1],
    kernelSize: 3,
    filters: 4,
    activation: 'relu',
  }),
);
model.add(tf.layers.batchNormalization({ name: 'norm' }));
model.add(tf.layers.flatten());
model.add(tf.layers.dense({ name: 'dense', units: 2, activation: 'softmax' }));
model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy' });

tf.ready()
  .then(() => model.fit(xs, ys, { epochs: 2, batchSize: 4, verbose: 1, shuffle: false }))
  .then(({ history }) => console.log(`${tf.getBackend()} ${history.loss.length}`));
