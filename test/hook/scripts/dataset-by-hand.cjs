// Passes over a dataset with its iterator, and a validation pass after each.
const tf = require('@tensorflow/tfjs');

(async () => {
  const all = tf.data.array([...Array(10).keys()].map((i) => ({ x: [i / 10], y: [i / 5] })));
  const train = all.take(8).shuffle(8, 'x').batch(2).prefetch(2);
  const held = all.skip(8).batch(2);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ name: 'in', units: 3, inputShape: [1] }),
      tf.layers.dense({ name: 'out', units: 1 }),
    ],
  });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  for (let epoch = 0; epoch < 3; epoch++) {
    const iterator = await train.iterator();
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      await model.trainOnBatch(next.value.x, next.value.y);
      tf.dispose(next.value);
    }
    let batches = 0;
    await held.forEachAsync(({ x }) => {
      model.predict(x).dispose();
      batches++;
    });
    console.log(epoch, batches);
  }
})();
