// A script with options, as the tfjs-examples have them.
const { parseArgs } = require('node:util');
const tf = require('@tensorflow/tfjs');

const { values } = parseArgs({
  options: { epochs: { type: 'string', default: '1' }, units: { type: 'string', default: '4' } },
});

async function run({ epochs, units }) {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ name: 'dense', units: Number(units), inputShape: [2] }),
      tf.layers.dense({ name: 'out', units: 1 }),
    ],
  });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  await model.fit(tf.ones([4, 2]), tf.zeros([4, 1]), { epochs: Number(epochs), verbose: 0 });
  console.log('trained', epochs);
}

run(values);
