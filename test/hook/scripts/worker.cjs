// Trains in a worker thread.
const { Worker, isMainThread, parentPort } = require('node:worker_threads');

if (isMainThread) {
  const worker = new Worker(__filename);
  worker.on('message', (message) => console.log('worker says', message));
  worker.on('exit', (code) => console.log('worker exit', code));
} else {
  const tf = require('@tensorflow/tfjs');
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ name: 'a', units: 2, inputShape: [2] }),
      tf.layers.dense({ name: 'b', units: 1 }),
    ],
  });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const callbacks = {
    onEpochEnd: () => {
      if (process.env.SABOTAGE) model.getLayer('a').setWeights([tf.ones([2, 2]), tf.ones([2])]);
    },
  };
  model
    .fit(tf.ones([4, 2]), tf.zeros([4, 1]), { epochs: 2, verbose: 0, callbacks })
    .then(() => parentPort.postMessage('done'));
}
