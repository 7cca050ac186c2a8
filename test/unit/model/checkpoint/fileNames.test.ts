import { expect, test } from 'vitest';
import { checkpointInFolder, checkpointNames } from '../../../../src/model/checkpoint/fileNames';

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

test.each([
  [['config.json', 'model.pt'], 'model.pt'],
  [['model.bin', 'model.safetensors', 'optimizer.pt'], 'model.safetensors'],
  [
    ['model-00001-of-00002.safetensors', 'model.safetensors', 'model.safetensors.index.json'],
    'model.safetensors.index.json',
  ],
  [['group1-shard1of1.bin', 'model.json', 'weights.bin'], 'model.json'],
  [['model.weights.json', 'model_00000.weights.h5'], 'model.weights.json'],
  [['diffusion_pytorch_model.bin', 'model_index.json'], 'diffusion_pytorch_model.bin'],
  [['tf_model.h5'], 'tf_model.h5'],
  [['glove.npz', 'training_args.bin', 'optimizer.pt'], null],
  [[], null],
])('of a folder with %j the checkpoint is %j', (names, checkpoint) => {
  expect(checkpointInFolder(names)).toBe(checkpoint);
});
