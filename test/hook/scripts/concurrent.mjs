// Two models trained at the same time.
import * as tf from '@tensorflow/tfjs';
const mk = (n) => {
  const m = tf.sequential({ name: n });
  m.add(tf.layers.dense({ name: 'a', units: 2, inputShape: [2] }));
  m.add(tf.layers.batchNormalization({ name: 'bn' }));
  m.add(tf.layers.dense({ name: 'b', units: 1 }));
  m.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  return m;
};
const [x, y] = [mk('x'), mk('y')];
await Promise.all([
  x.fit(tf.ones([8, 2]), tf.zeros([8, 1]), { epochs: 3, batchSize: 4, verbose: 0 }),
  y.fit(tf.ones([8, 2]), tf.zeros([8, 1]), { epochs: 2, batchSize: 2, verbose: 0 }),
]);
console.log('both');
