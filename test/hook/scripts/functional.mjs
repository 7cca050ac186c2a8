// Functional API in an ES module, two inputs and two outputs.
import * as tf from '@tensorflow/tfjs';

const image = tf.input({ shape: [16], name: 'image' });
const extra = tf.input({ shape: [4], name: 'extra' });
const shared = tf.layers.dense({ name: 'shared', units: 8, activation: 'relu' });
const merged = tf.layers.concatenate().apply([shared.apply(image), extra]);
const label = tf.layers.dense({ name: 'label', units: 2, activation: 'softmax' }).apply(merged);
const score = tf.layers.dense({ name: 'score', units: 1 }).apply(merged);
const model = tf.model({ inputs: [image, extra], outputs: [label, score], name: 'two-heads' });
model.compile({ optimizer: 'sgd', loss: ['categoricalCrossentropy', 'meanSquaredError'] });

const x = [tf.ones([6, 16]), tf.randomUniform([6, 4], 0, 1, 'float32', 3)];
const y = [tf.oneHot(tf.tensor1d([0, 1, 0, 1, 0, 1], 'int32'), 2), tf.ones([6, 1])];
await model.fit(x, y, { epochs: 2, verbose: 0 });
console.log('done', model.countParams());
