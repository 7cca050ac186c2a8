// Named imports, and a second module that is imported later.
import { layers, sequential, tensor2d } from '@tensorflow/tfjs';

const { train } = await import('./train-step.mjs');
const model = sequential({
  layers: [
    layers.dense({ name: 'first', units: 3, inputShape: [2] }),
    layers.dense({ name: 'second', units: 1 }),
  ],
});
await train(
  model,
  tensor2d([
    [0, 1],
    [1, 0],
  ]),
  tensor2d([[1], [0]]),
);
console.log('done');
