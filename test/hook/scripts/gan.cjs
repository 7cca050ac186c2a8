// A GAN: the discriminator alone and, made untrainable, inside the combined model.
const tf = require('@tensorflow/tfjs');

const generator = tf.sequential({ name: 'generator' });
generator.add(tf.layers.dense({ name: 'g1', units: 4, inputShape: [2], activation: 'relu' }));
generator.add(tf.layers.batchNormalization({ name: 'gbn' }));
generator.add(tf.layers.dense({ name: 'g2', units: 3 }));

const discriminator = tf.sequential({ name: 'discriminator' });
discriminator.add(tf.layers.dense({ name: 'd1', units: 4, inputShape: [3], activation: 'relu' }));
discriminator.add(tf.layers.dense({ name: 'd2', units: 1, activation: 'sigmoid' }));
discriminator.compile({ optimizer: tf.train.adam(0.01), loss: 'binaryCrossentropy' });

const noise = tf.input({ shape: [2] });
discriminator.trainable = false;
const combined = tf.model({
  inputs: noise,
  outputs: discriminator.apply(generator.apply(noise)),
  name: 'combined',
});
combined.compile({ optimizer: tf.train.adam(0.01), loss: 'binaryCrossentropy' });

(async () => {
  for (let epoch = 0; epoch < 3; epoch++) {
    for (let batch = 0; batch < 4; batch++) {
      const z = tf.randomNormal([4, 2], 0, 1, 'float32', batch + 1);
      const fake = generator.predict(z);
      discriminator.trainable = true;
      await discriminator.trainOnBatch(fake, tf.zeros([4, 1]));
      await discriminator.trainOnBatch(tf.ones([4, 3]), tf.ones([4, 1]));
      discriminator.trainable = false;
      await combined.trainOnBatch(z, tf.ones([4, 1]));
    }
    console.log('epoch', epoch);
  }
})();
