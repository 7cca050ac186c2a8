// Trains a small network, and does something in epoch 2 that concerns the GPU.
const tf = require('@tensorflow/tfjs');
const { Worker, isMainThread } = require('node:worker_threads');

const seed = (number) => tf.initializers.glorotUniform({ seed: number });
const network = () => {
  const model = tf.sequential({ name: 'net' });
  model.add(
    tf.layers.conv2d({
      name: 'conv1',
      inputShape: [8, 8, 1],
      filters: 4,
      kernelSize: 3,
      activation: 'relu',
      kernelInitializer: seed(1),
    }),
  );
  model.add(tf.layers.batchNormalization({ name: 'bn1' }));
  model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ name: 'head', units: 2, kernelInitializer: seed(2) }));
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
  return model;
};

const deeds = {
  nothing: () => {},
  lose: () => tf.backend().device.destroy(),
  refuse: () => tf.backend().device.createBuffer({ size: 16, usage: 0xffff }),
};

const read = () => {
  const sum = tf.tidy(() => tf.add(tf.ones([3]), tf.zeros([3])));
  return {
    sum: [...sum.dataSync()],
    again: [...sum.dataSync()],
    bool: [...tf.logicalNot(tf.tensor1d([true, false], 'bool')).dataSync()],
    int32: [...tf.add(tf.tensor1d([1, 2], 'int32'), tf.scalar(1, 'int32')).dataSync()],
    complex: [...tf.complex(tf.add([1, 2], 0), tf.add([3, 4], 0)).dataSync()],
    text: tf.tensor1d(['a']).dataSync(),
    empty: [...tf.add(tf.zeros([0, 3]), 1).dataSync()],
    navigator: typeof globalThis.navigator?.gpu,
  };
};

const train = async (kind) => {
  const model = network();
  const x = tf.randomUniform([16, 8, 8, 1], 0, 1, 'float32', 3);
  const y = tf.randomUniform([16, 2], 0, 1, 'float32', 4);
  await model.fit(x, y, {
    epochs: 3,
    batchSize: 4,
    shuffle: false,
    verbose: 0,
    callbacks: { onEpochBegin: (epoch) => (epoch === 1 ? deeds[kind]() : undefined) },
  });
  return model;
};

const main = async () => {
  const [what = 'nothing'] = process.argv.slice(2);
  if (what === 'worker' && isMainThread) {
    await new Promise((resolve) => new Worker(__filename).once('exit', resolve));
  }
  const model = await train(what in deeds ? what : 'nothing');
  const weights = model.getWeights().flatMap((weight) => [...weight.dataSync()]);
  console.log(JSON.stringify({ backend: tf.getBackend(), weights, ...(isMainThread && read()) }));
  if (what === 'exit') process.exit(3);
};
main();
