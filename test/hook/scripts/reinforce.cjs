// Reinforcement learning without epochs: episodes, gradients gathered, applied once.
const tf = require('@tensorflow/tfjs');

const policy = tf.sequential({ name: 'policy' });
policy.add(tf.layers.dense({ name: 'hidden', units: 4, inputShape: [2], activation: 'relu' }));
policy.add(tf.layers.dense({ name: 'logits', units: 1 }));
const optimizer = tf.train.adam(0.01);
const variables = policy.trainableWeights.map((weight) => weight.val);

for (let episode = 0; episode < 7; episode++) {
  const gathered = {};
  for (let step = 0; step < 3; step++) {
    const { grads } = optimizer.computeGradients(
      () =>
        policy
          .predict(tf.tensor2d([[step, episode]]))
          .square()
          .asScalar(),
      variables,
    );
    for (const [name, gradient] of Object.entries(grads)) (gathered[name] ??= []).push(gradient);
  }
  const mean = Object.fromEntries(
    Object.entries(gathered).map(([name, list]) => [name, tf.tidy(() => tf.stack(list).mean(0))]),
  );
  optimizer.applyGradients(mean);
}
console.log('episodes 7');
policy.dispose();
