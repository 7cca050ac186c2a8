// A generator dataset, trained by fitDataset with validation data.
const tf = require('@tensorflow/tfjs');

function* samples() {
  for (let i = 0; i < 12; i++) yield { xs: [i / 12, 1 - i / 12], ys: [i % 2] };
}

async function main() {
  const data = tf.data.generator(samples).shuffle(12, 'seed').batch(4);
  const model = tf.sequential();
  model.add(tf.layers.dense({ name: 'a', units: 4, inputShape: [2], activation: 'tanh' }));
  model.add(tf.layers.dense({ name: 'b', units: 1, activation: 'sigmoid' }));
  model.compile({
    optimizer: tf.train.momentum(0.1, 0.9),
    loss: 'binaryCrossentropy',
    metrics: ['accuracy'],
  });
  await model.fitDataset(data, { epochs: 3, verbose: 0, validationData: data });
  const evaluated = await model.evaluateDataset(data, {});
  console.log(evaluated.length);
}

main();
