// A GAN that trains discriminator and combined model once each in every batch; four batches an epoch.
const tf = require('@tensorflow/tfjs');

const generator = tf.sequential({ name: 'generator' });
generator.add(tf.layers.dense({ name: 'g1', units: 3, inputShape: [2] }));
const discriminator = tf.sequential({ name: 'discriminator' });
discriminator.add(tf.layers.dense({ name: 'd1', units: 4, inputShape: [3], activation: 'relu' }));
discriminator.add(tf.layers.dense({ name: 'd2', units: 1, activation: 'sigmoid' }));
discriminator.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' });
discriminator.trainable = false;
const noise = tf.input({ shape: [2] });
const outputs = discriminator.apply(generator.apply(noise));
const combined = tf.model({ inputs: noise, outputs, name: 'combined' });
combined.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' });

(async () => {
  for (let epoch = 0; epoch < 5; epoch++) {
    for (let batch = 0; batch < 4; batch++) {
      const z = tf.randomNormal([4, 2]);
      const x = tf.concat([generator.predict(z), tf.randomNormal([4, 3])]);
      const y = tf.concat([tf.zeros([4, 1]), tf.ones([4, 1])]);
      discriminator.trainable = true;
      await discriminator.trainOnBatch(x, y);
      discriminator.trainable = false;
      await combined.trainOnBatch(z, tf.ones([4, 1]));
    }
    console.log('epoch', epoch);
  }
})();
