// The data ends with epoch 1 of 3; the script's own callback fails on the empty logs of epoch 2.
const tf = require('@tensorflow/tfjs');

function* samples() {
  for (let i = 0; i < 12; i++) yield { xs: [i / 12, 1 - i / 12], ys: [i % 2] };
}

async function main() {
  const model = tf.sequential({ name: 'short' });
  model.add(tf.layers.dense({ name: 'a', units: 4, inputShape: [2], activation: 'tanh' }));
  model.add(tf.layers.dense({ name: 'b', units: 1, activation: 'sigmoid' }));
  model.compile({ optimizer: 'sgd', loss: 'binaryCrossentropy' });
  try {
    await model.fitDataset(tf.data.generator(samples).batch(4), {
      epochs: 3,
      batchesPerEpoch: 3,
      verbose: 0,
      callbacks: { onEpochEnd: (epoch, logs) => console.log(epoch, logs.loss.toFixed(1)) },
    });
  } catch (error) {
    console.log('interrupted', error instanceof TypeError);
  }
  await model.save(tf.io.withSaveHandler(async () => ({})));
}

main();
