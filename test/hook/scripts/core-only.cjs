// Only the core API: named variables and optimizer.minimize.
const tf = require('@tensorflow/tfjs');

const w1 = tf.variable(tf.randomNormal([2, 3], 0, 1, 'float32', 1), true, 'layer1/w');
const b1 = tf.variable(tf.zeros([3]), true, 'layer1/b');
const w2 = tf.variable(tf.randomNormal([3, 1], 0, 1, 'float32', 2), true, 'layer2/w');
const scale = tf.variable(tf.scalar(1));
const optimizer = tf.train.adam(0.05);
const x = tf.tensor2d([
  [0, 1],
  [1, 0],
  [1, 1],
  [0, 0],
]);
const y = tf.tensor2d([[1], [1], [0], [0]]);
const loss = () => x.matMul(w1).add(b1).tanh().matMul(w2).mul(scale).sub(y).square().mean();

for (let step = 0; step < 25; step++) {
  const value = optimizer.minimize(loss, true);
  if (step % 10 === 0) console.log(step, value.dataSync()[0].toFixed(6));
  value.dispose();
}
console.log(tf.memory().numTensors, Array.from(w2.dataSync()).join());
