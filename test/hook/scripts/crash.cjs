// Crashes in epoch 2.
const tf = require('@tensorflow/tfjs');

class DataError extends Error {}

async function main() {
  const model = tf.sequential({ name: 'fragile' });
  model.add(tf.layers.dense({ name: 'a', units: 2, inputShape: [2] }));
  model.add(tf.layers.dense({ name: 'b', units: 1 }));
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const broken = new DataError('bad sample 7');
  try {
    await model.fit(tf.ones([4, 2]), tf.zeros([4, 1]), {
      epochs: 3,
      batchSize: 2,
      verbose: 0,
      callbacks: {
        onBatchEnd: (batch) => {
          if (batch === 0 && main.epoch === 1) throw broken;
        },
        onEpochBegin: (epoch) => {
          main.epoch = epoch;
        },
      },
    });
  } catch (error) {
    console.log('same error', error === broken);
    throw error;
  }
}

main();
