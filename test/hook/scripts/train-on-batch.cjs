// A loop by hand over batches of an array, evaluated after every epoch.
const tf = require('@tensorflow/tfjs');

const model = tf.sequential({ name: 'net' });
model.add(tf.layers.dense({ name: 'body', units: 4, inputShape: [3], activation: 'relu' }));
model.add(tf.layers.dense({ name: 'head', units: 1 }));
model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });

async function main() {
  const x = tf.randomUniform([12, 3], 0, 1, 'float32', 5);
  const y = x.sum(1, true);
  for (let epoch = 0; epoch < 3; epoch++) {
    for (let start = 0; start < 12; start += 4) {
      const loss = await model.trainOnBatch(x.slice(start, 4), y.slice(start, 4));
      if (typeof loss !== 'number') throw new Error('loss is not a number');
    }
    const loss = model.evaluate(x, y);
    console.log(epoch, loss.dataSync().length);
  }
}

main();
