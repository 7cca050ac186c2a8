// Two scalars with constant gradients, fifteen steps; prints each step. Options: optimizer, and
// the learning rate from step 6 on.
const tf = require('@tensorflow/tfjs');

const [, , kind = 'adam', laterRate] = process.argv;
const always = tf.variable(tf.scalar(1), true, 'always');
const late = tf.variable(tf.scalar(1), true, 'late');
const optimizer = tf.train[kind](0.125, 0.5);

for (let step = 0; step < 15; step++) {
  if (step === 6 && laterRate !== undefined) optimizer.learningRate = Number(laterRate);
  const before = [always.dataSync()[0], late.dataSync()[0]];
  optimizer.minimize(() => always.mul(0.5).add(late.mul(0.25)).asScalar(), false, [always, late]);
  for (const [index, variable] of [always, late].entries()) {
    const after = variable.dataSync()[0];
    console.log(JSON.stringify({ name: variable.name, step, before: before[index], after }));
  }
}
