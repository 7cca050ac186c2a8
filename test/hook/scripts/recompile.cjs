// Two phases: head first, then everything with another optimizer after compiling again.
const tf = require('@tensorflow/tfjs');

(async () => {
  const model = tf.sequential({ name: 'phased' });
  model.add(tf.layers.dense({ name: 'body', units: 3, inputShape: [2] }));
  model.add(tf.layers.dense({ name: 'head', units: 1 }));
  const x = tf.randomUniform([8, 2], 0, 1, 'float32', 9);
  const y = x.sum(1, true);
  model.getLayer('body').trainable = false;
  model.compile({ optimizer: tf.train.adam(0.05), loss: 'meanSquaredError' });
  await model.fit(x, y, { epochs: 2, verbose: 0 });
  model.getLayer('body').trainable = true;
  model.compile({ optimizer: tf.train.momentum(0.05, 0.9), loss: 'meanSquaredError' });
  await model.fit(x, y, { epochs: 4, initialEpoch: 2, verbose: 0 });
  console.log('phases 2');
})();
