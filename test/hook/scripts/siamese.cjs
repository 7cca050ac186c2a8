// A siamese network: one base applied twice, cut open afterwards.
const tf = require('@tensorflow/tfjs');
const base = tf.sequential({ name: 'base' });
base.add(tf.layers.dense({ name: 'e1', units: 4, inputShape: [3] }));
base.add(tf.layers.dense({ name: 'e2', units: 2 }));
const l = tf.input({ shape: [3] }),
  r = tf.input({ shape: [3] });
const d = tf.layers.concatenate().apply([base.apply(l), base.apply(r)]);
const out = tf.layers.dense({ name: 'cls', units: 1, activation: 'sigmoid' }).apply(d);
const m = tf.model({ inputs: [l, r], outputs: out, name: 'siamese' });
m.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' });
(async () => {
  await m.fit([tf.ones([4, 3]), tf.zeros([4, 3])], tf.ones([4, 1]), { epochs: 2, verbose: 0 });
  const feat = tf.model({ inputs: base.inputs, outputs: base.getLayer('e1').output });
  console.log(feat.predict(tf.ones([1, 3])).shape.join());
})();
