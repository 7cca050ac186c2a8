// Deep Q-learning: an online and a target network, weights copied now and then.
const tf = require('@tensorflow/tfjs');
function createNet(name) {
  const m = tf.sequential();
  m.add(tf.layers.dense({ units: 8, inputShape: [4], activation: 'relu' }));
  m.add(tf.layers.dense({ units: 2 }));
  return m;
}
const online = createNet(),
  target = createNet();
target.trainable = false;
function copyWeights(dest, src) {
  let d = false;
  if (dest.trainable !== src.trainable) {
    dest.trainable = src.trainable;
    d = true;
  }
  dest.setWeights(src.getWeights());
  if (d) dest.trainable = !dest.trainable;
}
const opt = tf.train.adam(1e-3);
for (let i = 0; i < 25; i++) {
  const lossFn = () =>
    tf.tidy(() => {
      const q = online.apply(tf.ones([5, 4]), { training: true }).max(-1);
      const n = target.predict(tf.ones([5, 4])).max(-1);
      return tf.losses.meanSquaredError(n.mul(0.9).add(1), q);
    });
  const g = tf.variableGrads(lossFn, online.getWeights());
  opt.applyGradients(g.grads);
  tf.dispose(g);
  if (i % 5 === 4) copyWeights(target, online);
}
console.log(tf.memory().numTensors);
