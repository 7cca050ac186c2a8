// A loop of one-epoch fits.
const tf = require('@tensorflow/tfjs');

(async () => {
  const data = tf.data
    .array([...Array(8).keys()].map((i) => ({ xs: [i, 1], ys: [i * 2] })))
    .batch(4);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ name: 'line', units: 2, inputShape: [2] }),
      tf.layers.dense({ name: 'sum', units: 1 }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.001), loss: 'meanSquaredError' });
  for (let epoch = 0; epoch < 4; epoch++) {
    const info = await model.fitDataset(data, { epochs: 1, verbose: 0 });
    console.log(epoch, info.history.loss.length);
  }
})();
