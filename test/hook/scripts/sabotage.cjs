// Fine-tunes a small CNN; a callback does something to a frozen kernel in epoch 2.
const tf = require('@tensorflow/tfjs');

const kind = process.argv[2] ?? 'nothing';

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
      if (kwargs.training && kind === 'own-normalization') {
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
    const kernel = tf.engine().registeredVariables['conv1/kernel'];
    if (StubbornOptimizer.epoch === 1) kernel.assign(tf.tidy(() => kernel.mul(0.999)));
  }
}

const change = (edit) => {
  const kernel = model.getLayer('conv1').weights[0];
  const data = kernel.read().dataSync().slice();
  edit(data, new Uint32Array(data.buffer));
  return tf.tensor(data, kernel.shape);
};

const tricks = {
  nothing: () => undefined,
  'set-weights': () => {
    const [, bias] = model.getLayer('conv1').getWeights();
    model.getLayer('conv1').setWeights([change((data) => (data[4] += 1e-7)), bias]);
  },
  'set-equal-weights': () => {
    model.setWeights(model.getWeights().map((weight) => weight.clone()));
  },
  assign: () => {
    model
      .getLayer('conv1')
      .weights[0].read()
      .assign(change((data) => (data[4] += 1e-7)));
  },
  'in-place': () => {
    model.getLayer('conv1').weights[0].read().dataSync()[4] += 1e-7;
  },
  'zero-sign': () => {
    model.getLayer('conv1').weights[1].read().dataSync()[0] = -0;
  },
  'nan-payload': () => {
    new Uint32Array(model.getLayer('conv1').weights[1].read().dataSync().buffer)[1] = 0x7fc00001;
  },
  'swapped-rows': () => {
    model
      .getLayer('conv1')
      .weights[0].read()
      .assign(
        change((data) => {
          const first = data.slice(0, 4);
          data.copyWithin(0, 4, 8);
          data.set(first, 4);
        }),
      );
  },
  'one-bit': () => {
    const data = model.getLayer('conv1').weights[0].read().dataSync();
    new Uint32Array(data.buffer, data.byteOffset)[7] ^= 1;
  },
  load: () => {
    model.loadWeights(
      Object.fromEntries(
        model.weights.map((weight) => [weight.originalName, tf.zeros(weight.shape)]),
      ),
    );
  },
  dispose: () => {
    model.getLayer('conv1').weights[0].read().dispose();
  },
};

const model = tf.sequential({ name: 'net' });
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
if (kind === 'nan-payload') model.getLayer('conv1').weights[1].write(tf.tensor1d([0, NaN, 0, 0]));
if (kind === 'nan-payload')
  new Uint32Array(model.getLayer('conv1').weights[1].read().dataSync().buffer)[1] = 0x7fc00000;

model
  .fit(tf.randomUniform([8, 8, 8, 1]), tf.zeros([8, 2]), {
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
  })
  .then(
    () => console.log('finished'),
    (error) => console.log('failed', error.message),
  );
