// A search over learning rates: models of one name, one after the other.
const tf = require('@tensorflow/tfjs');
(async () => {
  for (const lr of [0.1, 0.01]) {
    const m = tf.sequential({ name: 'net' });
    m.add(tf.layers.dense({ name: 'a', units: 2, inputShape: [2] }));
    m.add(tf.layers.dense({ name: 'b', units: 1 }));
    m.compile({ optimizer: tf.train.sgd(lr), loss: 'meanSquaredError' });
    await m.fit(tf.ones([4, 2]), tf.zeros([4, 1]), { epochs: 2, verbose: 0 });
  }
})();
