// Gradient descent written by hand on tf.variableGrads, with gradient clipping.
const tf = require('@tensorflow/tfjs');

const w = tf.variable(tf.tensor1d([1, -0, 3]), true, 'w');
const b = tf.variable(tf.scalar(0.5), true, 'b');
const x = tf.tensor2d([
  [1, 2, 3],
  [4, 5, 6],
]);
const loss = () => x.mul(w).sum(1).add(b).square().mean();

for (let step = 0; step < 6; step++) {
  tf.tidy(() => {
    const { value, grads } = tf.variableGrads(loss, [w, b]);
    for (const variable of [w, b]) {
      const gradient = grads[variable.name].clipByValue(-1, 1);
      variable.assign(variable.sub(gradient.mul(0.01)));
    }
    console.log(step, value.dataSync()[0] > 0);
  });
}
