// Two models that are never compiled, trained by minimize with lists: two critic steps to one of the actor.
const tf = require('@tensorflow/tfjs');

const actor = tf.sequential({ name: 'actor' });
actor.add(tf.layers.dense({ name: 'act', units: 2, inputShape: [3] }));
const critic = tf.sequential({ name: 'critic' });
critic.add(tf.layers.dense({ name: 'judge', units: 1, inputShape: [2] }));

const variables = (model) => model.trainableWeights.map((weight) => weight.val);
const [forActor, forCritic] = [tf.train.rmsprop(0.01), tf.train.rmsprop(0.01)];
const x = tf.randomNormal([4, 3]);
const value = () => critic.apply(actor.apply(x)).mean();

for (let round = 0; round < 4; round++) {
  for (let turn = 0; turn < 2; turn++) forCritic.minimize(value, false, variables(critic));
  forActor.minimize(() => value().neg(), false, variables(actor));
}
