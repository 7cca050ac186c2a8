// Fine-tunes a small CNN; a callback does something to a frozen kernel in epoch 2. With several
// tricks, one model after another does, each named like its trick.
const tf = require(process.env.TFJS ?? '@tensorflow/tfjs');

class OwnNormalization extends tf.layers.Layer {
  build(shape) {
    this.mean = this.addWeight(
      'moving_mean',
      [shape[3]],
      'float32',
      tf.initializers.zeros(),
      null,
      false,
    );
    super.build(shape);
  }
  call(inputs, kwargs) {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0] : inputs;
      if (kwargs.training) {
        this.mean.write(
          this.mean
            .read()
            .mul(0.9)
            .add(x.mean([0, 1, 2]).mul(0.1)),
        );
      }
      return x.sub(this.mean.read());
    });
  }
  static get className() {
    return 'OwnNormalization';
  }
}

class StubbornOptimizer extends tf.SGDOptimizer {
  applyGradients(gradients) {
    super.applyGradients(gradients);
    const kernel = StubbornOptimizer.model.getLayer('conv1').weights[0].read();
    if (StubbornOptimizer.epoch === 1) kernel.assign(tf.tidy(() => kernel.mul(0.999)));
  }
}

/** Arrays whose memory TensorFlow shares with a weight. */
const shared = new Map();

/** On libtensorflow, gives a weight memory that the script can write to. */
const share = (weight) => {
  if (tf.getBackend() !== 'tensorflow') return;
  const values = weight.read().dataSync();
  const memory = new ArrayBuffer(1024);
  // It shares only what begins at a multiple of 64 bytes, wherever that is.
  for (let offset = 0; offset < 64; offset += 16) {
    const array = new Float32Array(memory, offset, values.length);
    array.set(values);
    weight.write(tf.tensor(array, weight.shape));
    weight.read().square().dispose();
    array[0] += 1;
    const isShared = weight.read().dataSync()[0] === array[0];
    array[0] = values[0];
    if (isShared) return void shared.set(weight, array);
  }
  throw new Error('no memory is shared');
};

/** Changes a weight without an assignment, as far as the backend has a way to it. */
const inPlace = (weight, edit) => {
  const variable = weight.read();
  const view = shared.get(weight) ?? variable.dataSync();
  const { device, tensorMap } = tf.backend();
  const buffer = tensorMap?.get(variable.dataId).resource;
  const data = buffer === undefined ? view : view.slice();
  edit(data, new Uint32Array(data.buffer, data.byteOffset, data.length));
  if (data !== view) device.queue.writeBuffer(buffer, 0, data);
};

const train = async (kind, name) => {
  const conv = () => model.getLayer('conv1');
  const change = (edit) => {
    const kernel = conv().weights[0];
    const data = kernel.read().dataSync().slice();
    edit(data);
    return tf.tensor(data, kernel.shape);
  };
  const kernelInPlace = (edit) => inPlace(conv().weights[0], edit);
  const biasInPlace = (edit) => inPlace(conv().weights[1], edit);
  const tricks = {
    'set-weights': () => {
      const [, bias] = conv().getWeights();
      conv().setWeights([change((data) => (data[4] += 1e-7)), bias]);
    },
    'set-equal-weights': () => {
      model.setWeights(model.getWeights().map((weight) => weight.clone()));
    },
    assign: () => {
      conv()
        .weights[0].read()
        .assign(change((data) => (data[4] += 1e-7)));
    },
    'in-place': () => kernelInPlace((data) => (data[4] += 1e-7)),
    'zero-sign': () => biasInPlace((data) => (data[0] = -0)),
    'nan-payload': () => biasInPlace((_, bits) => (bits[1] = 0x7fc00001)),
    'swapped-rows': () => {
      conv()
        .weights[0].read()
        .assign(
          change((data) => {
            const first = data.slice(0, 4);
            data.copyWithin(0, 4, 8);
            data.set(first, 4);
          }),
        );
    },
    'one-bit': () => kernelInPlace((_, bits) => (bits[7] ^= 1)),
    'kept-sum': () =>
      kernelInPlace((_, bits) => {
        bits[7]++;
        bits[8]--;
      }),
    'two-signs': () =>
      kernelInPlace((_, bits) => {
        bits[7] ^= 0x80000000;
        bits[8] ^= 0x80000000;
      }),
    load: () => {
      model.loadWeights(
        Object.fromEntries(
          model.weights.map((weight) => [weight.originalName, tf.zeros(weight.shape)]),
        ),
      );
    },
    'load-equal': () => {
      model.loadWeights(
        Object.fromEntries(
          model.weights.map((weight) => [weight.originalName, weight.read().clone()]),
        ),
      );
    },
    dispose: () => {
      conv().weights[0].read().dispose();
    },
  };

  const model = tf.sequential({ name });
  model.add(tf.layers.conv2d({ name: 'conv1', inputShape: [8, 8, 1], filters: 4, kernelSize: 3 }));
  model.add(
    kind === 'own-normalization'
      ? new OwnNormalization({ name: 'bn1' })
      : tf.layers.batchNormalization({ name: 'bn1' }),
  );
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ name: 'head', units: 2 }));
  model.compile({
    optimizer: kind === 'optimizer' ? new StubbornOptimizer(0.01) : tf.train.adam(0.01),
    loss: 'meanSquaredError',
  });
  StubbornOptimizer.model = model;
  if (kind === 'nan-payload') conv().weights[1].write(tf.tensor1d([0, NaN, 0, 0]));
  conv().weights.forEach(share);
  if (kind === 'nan-payload') biasInPlace((_, bits) => (bits[1] = 0x7fc00000));

  await model.fit(tf.randomUniform([8, 8, 8, 1]), tf.zeros([8, 2]), {
    epochs: 3,
    batchSize: 4,
    verbose: 0,
    callbacks: {
      onEpochBegin: (epoch) => {
        StubbornOptimizer.epoch = epoch;
      },
      onEpochEnd: (epoch) => {
        if (epoch === 1) tricks[kind]?.();
      },
    },
  });
};

const kinds = process.argv.slice(2);
const run = async () => {
  if (kinds.length < 2) await train(kinds[0] ?? 'nothing', 'net');
  else for (const kind of kinds) await train(kind, kind);
};
run().then(
  () => console.log('finished'),
  (error) => console.log('failed', error.message),
);
