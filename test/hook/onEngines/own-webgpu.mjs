// A script that brings WebGPU along itself, and trains by hand: only promises can wait for its GPU.
import { createRequire } from 'node:module';
import { create, globals } from 'webgpu';

Object.assign(globalThis, globals);
Object.defineProperty(globalThis, 'navigator', { value: { gpu: create([]) }, configurable: true });
const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs');
require('@tensorflow/tfjs-backend-webgpu');
await tf.setBackend('webgpu');

const [kind] = process.argv.slice(2);
const kernel = tf.variable(tf.randomNormal([4, 3]), true, 'kernel');
const head = tf.variable(tf.randomNormal([3, 1]), true, 'head');
const optimizer = tf.train.sgd(0.01);
const x = tf.randomNormal([8, 4]);

for (let epoch = 1; epoch <= 3; epoch++) {
  for (let step = 0; step < 4; step++) {
    const loss = optimizer.minimize(() => x.matMul(kernel).matMul(head).square().mean(), true);
    if (step === 3 && epoch === 2 && kind === 'moved') {
      tf.tidy(() => kernel.assign(kernel.mul(1.0001)));
    }
    // Leaves before it has waited once for the GPU since the last epoch: no promise can have settled.
    if (step === 3 && epoch === 3 && kind === 'leaves') process.exit(0);
    await loss.data();
    loss.dispose();
  }
}
if (kind === 'after') tf.tidy(() => kernel.assign(kernel.mul(1.0001)));
console.log('finished', tf.memory().numTensors);
