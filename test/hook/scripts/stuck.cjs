// A learning rate of zero: nothing learns.
const tf = require('@tensorflow/tfjs');

const model = tf.sequential({ name: 'stuck' });
model.add(tf.layers.dense({ name: 'a', units: 2, inputShape: [2] }));
model.add(tf.layers.dense({ name: 'b', units: 1 }));
model.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' });
const onEpochBegin = (epoch) => {
  if (epoch === 1) model.optimizer.setLearningRate(0.1);
};
model.fit(tf.ones([4, 2]), tf.zeros([4, 1]), {
  epochs: 2,
  verbose: 0,
  callbacks: { onEpochBegin },
});
