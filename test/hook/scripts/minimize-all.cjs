// A custom loop that trains all variables there are: a model’s and one of its own.
const tf = require('@tensorflow/tfjs');
const m = tf.sequential({
  layers: [
    tf.layers.dense({ name: 'a', units: 2, inputShape: [2] }),
    tf.layers.batchNormalization({ name: 'bn' }),
    tf.layers.dense({ name: 'b', units: 1 }),
  ],
});
const temp = tf.variable(tf.scalar(1));
const opt = new tf.AdamOptimizer(0.01, 0.9, 0.999);
(async () => {
  for (let e = 0; e < 3; e++) {
    for (let i = 0; i < 4; i++)
      opt.minimize(() =>
        m
          .apply(tf.ones([4, 2]), { training: true })
          .mul(temp)
          .square()
          .mean(),
      );
    console.log(e);
    await tf.nextFrame();
  }
})();
