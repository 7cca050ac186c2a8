// A weight that cannot be read back.
const tf = require('@tensorflow/tfjs');

const model = tf.sequential({ name: 'deaf' });
model.add(tf.layers.dense({ name: 'a', units: 2, inputShape: [2] }));
model.add(tf.layers.dense({ name: 'b', units: 1 }));
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
const refuse = () => {
  throw new Error('no read back');
};
Object.assign(model.getLayer('a').weights[0].read(), { dataSync: refuse, data: refuse });
model
  .fit(tf.ones([4, 2]), tf.zeros([4, 1]), { epochs: 1, verbose: 0 })
  .then(() => console.log('trained'));
