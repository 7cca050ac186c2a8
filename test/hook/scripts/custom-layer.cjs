// A custom layer made of other layers, wrappers, and a recurrent layer.
const tf = require('@tensorflow/tfjs');

class Gate extends tf.layers.Layer {
  constructor(config) {
    super(config);
    this.inner = tf.layers.dense({ name: 'inner', units: 3 });
    this.outer = tf.layers.dense({ name: 'outer', units: 3, activation: 'sigmoid' });
  }
  build(shape) {
    this.inner.build(shape);
    this.outer.build(shape);
    this.bias = this.addWeight('bias', [3], 'float32', tf.initializers.zeros());
    super.build(shape);
  }
  get trainableWeights() {
    return [
      ...this.inner.trainableWeights,
      ...this.outer.trainableWeights,
      ...this._trainableWeights,
    ];
  }
  set trainableWeights(weights) {
    this._trainableWeights = weights;
  }
  computeOutputShape(shape) {
    return [shape[0], 3];
  }
  call(inputs) {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0] : inputs;
      return this.inner.apply(x).mul(this.outer.apply(x)).add(this.bias.read());
    });
  }
  static get className() {
    return 'Gate';
  }
}
tf.serialization.registerClass(Gate);

(async () => {
  const model = tf.sequential({ name: 'mixed' });
  model.add(
    tf.layers.timeDistributed({
      name: 'each',
      layer: tf.layers.dense({ name: 'd', units: 3 }),
      inputShape: [2, 4],
    }),
  );
  model.add(
    tf.layers.bidirectional({ name: 'both', layer: tf.layers.gru({ name: 'g', units: 2 }) }),
  );
  model.add(new Gate({ name: 'gate' }));
  model.add(tf.layers.dense({ name: 'head', units: 1 }));
  model.compile({ optimizer: 'rmsprop', loss: 'meanSquaredError' });
  await model.fit(tf.ones([4, 2, 4]), tf.zeros([4, 1]), { epochs: 2, verbose: 0 });
  console.log(model.weights.length);
})();
