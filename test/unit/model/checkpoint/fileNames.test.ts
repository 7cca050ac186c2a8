import { expect, test } from 'vitest';
import { checkpointNames } from '../../../../src/model/checkpoint/fileNames';

test.each([
  [
    ['a.pt', 'b.PTH', 'notes.txt', 'train.py'],
    ['a.pt', 'b.PTH'],
  ],
  [
    ['model.safetensors.index.json', 'model-00001-of-00002.safetensors', 'config.json'],
    ['model.safetensors.index.json'],
  ],
  [['model.json', 'group1-shard1of1.bin', 'weights.bin'], ['model.json']],
  [['pytorch_model.bin', 'optimizer.pt', 'rng_state_0.pth', 'scheduler.pt'], ['pytorch_model.bin']],
  [
    ['net.keras', 'net.weights.h5', 'arrays.npz'],
    ['net.keras', 'net.weights.h5', 'arrays.npz'],
  ],
])('of %j these are checkpoints: %j', (names, checkpoints) => {
  expect(checkpointNames(names)).toEqual(checkpoints);
});
