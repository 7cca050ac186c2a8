// A small CNN with batch normalization, trained by fit.
const tf = require('@tensorflow/tfjs');

async function main() {
  tf.util.shuffle([1, 2, 3]);
  const model = tf.sequential({ name: 'digits' });
  const init = (seed) => tf.initializers.glorotUniform({ seed });
  model.add(
    tf.layers.conv2d({
      name: 'conv1',
      inputShape: [8, 8, 1],
      filters: 4,
      kernelSize: 3,
      activation: 'relu',
      kernelInitializer: init(1),
    }),
  );
  model.add(tf.layers.batchNormalization({ name: 'bn1' }));
  model.add(tf.layers.flatten());
  model.add(
    tf.layers.dense({ name: 'head', units: 3, activation: 'softmax', kernelInitializer: init(2) }),
  );
  model.compile({
    optimizer: tf.train.adam(0.01),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  });
  model.summary();

  const x = tf.randomUniform([24, 8, 8, 1], 0, 1, 'float32', 7);
  const y = tf.oneHot(
    tf.tensor1d(
      [...Array(24).keys()].map((i) => i % 3),
      'int32',
    ),
    3,
  );
  const history = await model.fit(x, y, {
    epochs: 3,
    batchSize: 8,
    shuffle: false,
    callbacks: {
      onEpochEnd: (epoch, logs) => console.log(epoch, logs.loss.toFixed(6), tf.memory().numTensors),
    },
  });
  console.log(JSON.stringify(history.history));
  for (const w of model.weights) console.log(w.name, Array.from(w.read().dataSync()).join());
  console.log(Math.random === Math.random, tf.memory().numTensors);
}

main();
