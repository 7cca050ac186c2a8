// Two experiments on tfjs-core alone, each with variables of its own; tf.disposeVariables() between.
const tf = require('@tensorflow/tfjs');

const x = tf.randomNormal([4, 3], 0, 1, 'float32', 1);
const y = tf.randomNormal([4, 2], 0, 1, 'float32', 2);

for (const rate of [0.01, 0.1]) {
  const w = tf.variable(tf.ones([3, 2]), true, 'w');
  const b = tf.variable(tf.zeros([2]), true, 'b');
  const optimizer = tf.train.momentum(rate, 0.9);
  const loss = () => x.matMul(w).add(b).sub(y).square().mean();
  for (let step = 0; step < 4; step++) optimizer.minimize(loss, false, [w, b]);
  console.log(rate, w.dataSync().join(), b.dataSync().join());
  tf.disposeVariables();
}
