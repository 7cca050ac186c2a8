// A variational autoencoder: models that are never compiled, trained by optimizer.minimize.
import * as tf from '@tensorflow/tfjs';

const encoder = tf.sequential({ name: 'encoder' });
encoder.add(tf.layers.dense({ name: 'squeeze', units: 4, inputShape: [8], activation: 'relu' }));
encoder.add(tf.layers.dense({ name: 'code', units: 2 }));
const decoder = tf.sequential({ name: 'decoder' });
decoder.add(tf.layers.dense({ name: 'expand', units: 4, inputShape: [2], activation: 'relu' }));
decoder.add(tf.layers.dense({ name: 'pixels', units: 8, activation: 'sigmoid' }));
const optimizer = tf.train.adam(0.01);
const x = tf.randomUniform([6, 8], 0, 1, 'float32', 4);

for (let epoch = 0; epoch < 4; epoch++) {
  const cost = optimizer.minimize(() => {
    const code = encoder.apply(x);
    const noise = tf.randomNormal(code.shape, 0, 1, 'float32', epoch);
    return decoder.apply(code.add(noise)).sub(x).square().mean();
  }, true);
  console.log(epoch, (await cost.data()).length);
}
