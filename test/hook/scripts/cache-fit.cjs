// A small network with its first layers frozen by rules, trained in the ways that a script may ask
// for. Prints all that training leaves behind, so that two runs can be compared to the last bit.
const { createHash } = require('node:crypto');
const tf = require(process.env.TFJS ?? '@tensorflow/tfjs');

const [kind = 'sequential', ...flags] = process.argv.slice(2);
const has = (flag) => flags.includes(flag);

// Shuffling and dropout draw here: two runs draw the same.
let state = 7;
let draws = 0;
Math.random = () => {
  draws++;
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

const SIZE = has('heavy') ? 40 : 8;
const seed = (n) => tf.initializers.glorotUniform({ seed: n });
const conv = (name, n, more = {}) =>
  tf.layers.conv2d({
    name,
    filters: has('heavy') ? 64 : 3,
    kernelSize: 3,
    activation: 'relu',
    kernelInitializer: seed(n),
    ...more,
  });
const dense = (name, units, n, more = {}) =>
  tf.layers.dense({ name, units, kernelInitializer: seed(n), ...more });
const norm = (name) => tf.layers.batchNormalization({ name });

function sequential() {
  return tf.sequential({
    name: 'net',
    layers: [
      conv('conv1', has('other') ? 9 : 1, {
        inputShape: [SIZE, SIZE, 1],
        kernelRegularizer: 'l1l2',
      }),
      norm('bn1'),
      tf.layers.maxPooling2d({ name: 'pool', poolSize: SIZE / 4 }),
      tf.layers.flatten({ name: 'flat' }),
      dense('hidden', has('wide') ? 1500 : 6, 2, { activation: 'relu' }),
      tf.layers.dropout({ name: 'drop', rate: 0.4 }),
      dense('head', 3, 3, { activation: 'softmax' }),
    ],
  });
}

// Two inputs, two outputs, a layer that is used twice, a branch that goes past the frozen layers.
function functional() {
  const image = tf.input({ name: 'image', shape: [SIZE, SIZE, 1] });
  const other = tf.input({ name: 'other', shape: [SIZE, SIZE, 1] });
  const facts = tf.input({ name: 'facts', shape: [4] });
  const shared = conv('conv1', 1);
  const pooled = tf.layers.maxPooling2d({ name: 'pool', poolSize: 2 });
  const a = pooled.apply(norm('bn1').apply(shared.apply(image)));
  const b = shared.apply(other);
  const left = tf.layers.flatten({ name: 'left' }).apply(a);
  const right = tf.layers.globalAveragePooling2d({ name: 'right' }).apply(b);
  const past = tf.layers.flatten({ name: 'past' }).apply(conv('own', 4).apply(image));
  const all = tf.layers
    .concatenate({ name: 'all' })
    .apply([left, right, past, dense('facts1', 3, 5).apply(facts)]);
  const dropped = tf.layers.dropout({ name: 'drop', rate: 0.3 }).apply(all);
  const main = dense('head', 3, 3, { activation: 'softmax' }).apply(dropped);
  const side = dense('side', 1, 6).apply(left);
  return tf.model({ name: 'net', inputs: [image, other, facts], outputs: [main, side] });
}

// A frozen model as one layer of another, as transfer learning is written.
function nested() {
  const base = tf.sequential({
    name: 'base',
    layers: [
      conv('conv1', 1, { inputShape: [SIZE, SIZE, 1] }),
      norm('bn1'),
      tf.layers.flatten({ name: 'flat' }),
    ],
  });
  const input = tf.input({ name: 'image', shape: [SIZE, SIZE, 1] });
  const dropped = tf.layers.dropout({ name: 'drop', rate: 0.4 }).apply(base.apply(input));
  return tf.model({
    name: 'net',
    inputs: input,
    outputs: dense('head', 3, 3, { activation: 'softmax' }).apply(dropped),
  });
}

const COUNT = has('long') ? 150 : 24;
const images = (n, count = COUNT) => tf.randomUniform([count, SIZE, SIZE, 1], 0, 1, 'float32', n);
const classes = (count = COUNT) =>
  tf
    .oneHot(
      tf.tensor1d(
        Array.from({ length: count }, (_, i) => (i * 7) % 3),
        'int32',
      ),
      3,
    )
    .toFloat();

function data(count = COUNT, n = 11) {
  const y = classes(count);
  if (kind !== 'functional') return [images(n, count), y];
  return [
    [images(n, count), images(n + 1, count), tf.randomUniform([count, 4], 0, 1, 'float32', n + 2)],
    [y, tf.randomUniform([count, 1], 0, 1, 'float32', n + 3)],
  ];
}

function dataset(x, y) {
  const rows = x.unstack().map((xs, i) => ({ xs, ys: y.slice([i, 0], [1, 3]).squeeze([0]) }));
  let epoch = 0;
  return tf.data
    .array(rows)
    .map(({ xs, ys }) => ({
      xs: has('augment') ? tf.tidy(() => xs.add(++epoch / 1000)) : xs.clone(),
      ys: ys.clone(),
    }))
    .shuffle(COUNT, 'seed')
    .batch(5);
}

async function main() {
  const model = { sequential, functional, nested }[kind]();
  const compile = () =>
    model.compile({
      optimizer: tf.train.adam(0.01),
      loss:
        kind === 'functional'
          ? { head: 'categoricalCrossentropy', side: 'meanSquaredError' }
          : 'categoricalCrossentropy',
      metrics: ['accuracy'],
    });
  compile();
  const [x, y] = data(COUNT, has('data') ? 50 : 11);
  const valid = data(10, 31);
  const seen = [];
  const callbacks = {
    onEpochBegin: async (epoch) => {
      // Behind the back of TensorFlow.js, as pure JavaScript allows.
      if (has('poke') && epoch === 2) model.getLayer('conv1').getWeights()[0].dataSync()[0] += 1;
      if (has('assign') && epoch === 2) {
        const [kernel, ...rest] = model.getLayer('conv1').getWeights();
        model.getLayer('conv1').setWeights([kernel.mul(2), ...rest]);
      }
    },
    onEpochEnd: async (epoch, logs) => {
      seen.push(logs);
      // Evaluated and predicted by the whole model, in the midst of training.
      if (kind !== 'functional' && !has('long'))
        seen.push(model.evaluate(x, y, { batchSize: 7 }).map((t) => t.dataSync()[0]));
      if (has('stop') && epoch === 2) model.stopTraining = true;
      if (has('load') && epoch === 1) {
        model.getLayer('head').setWeights(
          model
            .getLayer('head')
            .getWeights()
            .map((w) => w.mul(0.9)),
        );
      }
    },
  };
  const common = { epochs: has('long') ? 1 : 4, batchSize: 5, verbose: 0, callbacks };
  const histories = [];
  if (has('dataset')) {
    const { history } = await model.fitDataset(dataset(x, y), {
      ...common,
      validationData: has('tensors') ? valid : dataset(...valid),
    });
    histories.push(history);
  } else if (has('batches')) {
    for (let epoch = 0; epoch < 4; epoch++) {
      for (let at = 0; at < COUNT; at += 6) {
        const [xs, ys] = [x.slice(at, 6), y.slice(at, 6)];
        seen.push(await model.trainOnBatch(xs, ys));
        tf.dispose([xs, ys]);
      }
      seen.push(model.evaluate(x, y).map((t) => t.dataSync()[0]));
    }
  } else {
    for (let round = 0; round < (has('twice') ? 3 : 1); round++) {
      if (has('recompile') && round === 1) compile();
      const { history } = await model.fit(x, y, {
        ...common,
        ...(has('split')
          ? { validationSplit: 0.25 }
          : has('valid')
            ? { validationData: valid }
            : {}),
        ...(has('weights') && { classWeight: { 0: 1, 1: 2, 2: 0.5 } }),
        ...(has('early') && {
          callbacks: [tf.callbacks.earlyStopping({ monitor: 'val_loss', patience: 1 })],
        }),
        ...(has('from') && { initialEpoch: 1 }),
      });
      histories.push(history);
      if (has('rewrite') && round === 0) x.dataSync().fill(0.25, 0, 640);
    }
  }
  const hash = createHash('sha256');
  const values = [];
  for (const weight of model.getWeights()) {
    const now = weight.dataSync();
    values.push(...now.slice(0, 3));
    hash.update(Buffer.from(now.buffer, now.byteOffset, now.byteLength));
  }
  const predicted = [model.predict(x)].flat().map((t) => Array.from(t.dataSync().slice(0, 6)));
  let saved;
  await model.save({
    save: async (artifacts) => (
      (saved = artifacts),
      { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } }
    ),
  });
  const bytes = saved.weightSpecs.map(({ name, shape }) => `${name}[${shape}]`);
  const topology = createHash('sha256').update(JSON.stringify(saved.modelTopology)).digest('hex');
  console.log(
    JSON.stringify({
      histories,
      seen,
      draws,
      tensors: tf.memory().numTensors,
      weights: hash.digest('hex'),
      values,
      predicted,
      bytes,
      topology,
    }),
  );
}

main();
