import type { ByteSource } from '../byteSource';
import type { Checkpoint, CheckpointWarning } from '../checkpoint';
import type { Value } from './pickle/value';
import { epochOf } from './storedModels';

/** What both formats of torch are once they are read. */
export function torchCheckpoint(
  format: 'torch' | 'torch-legacy',
  source: ByteSource,
  root: Value,
  models: Checkpoint['models'],
  warnings: readonly CheckpointWarning[],
): Checkpoint {
  const none = {
    text: 'The file holds no tensors of a model',
    advice:
      'Name the checkpoint that the model was saved to: this may be the state of an optimizer.',
    offset: null,
  };
  return {
    ...{ format, framework: 'pytorch', files: [source.name], bytes: source.size, models },
    warnings: models.length === 0 ? [...warnings, none] : warnings,
    epoch: epochOf(root),
    close() {
      source.close();
    },
  };
}
