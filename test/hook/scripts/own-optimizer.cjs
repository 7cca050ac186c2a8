// Optimizers of the script's own: one from scratch, one that clips before Adam; neither expects nulls.
const tf = require('@tensorflow/tfjs');

class Lion extends tf.Optimizer {
  momenta = [];
  applyGradients(gradients) {
    const entries = Array.isArray(gradients)
      ? gradients
      : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
    entries.forEach(({ name, tensor }, index) => {
      const variable = tf.engine().registeredVariables[name];
      this.momenta[index] ??= tf.tidy(() => tf.zerosLike(variable).variable(false));
      const momentum = this.momenta[index];
      tf.tidy(() => {
        const direction = momentum.mul(0.9).add(tensor.mul(0.1)).sign();
        variable.assign(variable.mul(0.999).sub(direction.mul(0.01)));
        momentum.assign(momentum.mul(0.99).add(tensor.mul(0.01)));
      });
    });
    this.incrementIterations();
  }
  getConfig() {
    return {};
  }
  static className = 'Lion';
}

class ClippedAdam extends tf.AdamOptimizer {
  applyGradients(gradients) {
    const clipped = gradients.map(({ name, tensor }) => ({
      name,
      tensor: tensor.clipByValue(-0.1, 0.1),
    }));
    super.applyGradients(clipped);
    tf.dispose(clipped);
  }
}

const [, , kind] = process.argv;
const seeded = (seed) => tf.initializers.glorotUniform({ seed });
const x = tf.randomNormal([8, 3], 0, 1, 'float32', 1);
const y = tf.randomNormal([8, 1], 0, 1, 'float32', 2);

(async () => {
  if (kind === 'loose') {
    const w = tf.variable(tf.ones([3, 2]), true, 'w');
    const v = tf.variable(tf.ones([2, 1]), true, 'v');
    const lion = new Lion();
    const loss = () => x.matMul(w).tanh().matMul(v).sub(y).square().mean();
    for (let step = 0; step < 6; step++) lion.minimize(loss);
  } else {
    const model = tf.sequential({ name: 'net' });
    const first = { name: 'a', units: 4, inputShape: [3], kernelInitializer: seeded(1) };
    model.add(tf.layers.dense(first));
    model.add(tf.layers.dense({ name: 'b', units: 1, kernelInitializer: seeded(2) }));
    const optimizer = kind === 'lion' ? new Lion() : new ClippedAdam(0.01, 0.9, 0.999);
    model.compile({ optimizer, loss: 'meanSquaredError' });
    await model.fit(x, y, { epochs: 3, batchSize: 4, verbose: 0 });
  }
  console.log('trained');
})();
