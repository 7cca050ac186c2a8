// A layer that breaks whoever looks at it after the first epoch.
const tf = require('@tensorflow/tfjs');

const model = tf.sequential({ name: 'odd' });
model.add(tf.layers.dense({ name: 'a', units: 2, inputShape: [2] }));
model.add(tf.layers.batchNormalization({ name: 'n' }));
model.add(tf.layers.dense({ name: 'b', units: 1 }));
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });

const callbacks = {
  onEpochEnd: (epoch) => {
    if (epoch > 0) return;
    const odd = new Error('do not look');
    const normal = model.getLayer('n');
    const mean = normal.movingMean;
    let reads = 0;
    Object.defineProperty(normal, 'movingMean', {
      get: () => {
        if (new Error().stack.includes('tfjs-hook')) if (reads++ === 0) throw odd;
        return mean;
      },
    });
  },
};
model
  .fit(tf.ones([4, 2]), tf.zeros([4, 1]), { epochs: 2, verbose: 0, callbacks })
  .then(() => console.log('trained'));
