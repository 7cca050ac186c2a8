/** Words on checkpoints that CLI and editor share. */
import type { CheckpointFormat } from '../../model/checkpoint/checkpoint';
import type { CheckpointListing } from '../../model/checkpoint/listing';
import { counted, formatCount } from './numberWords';
import { formatBytes } from './units';

const FORMATS: Readonly<Record<CheckpointFormat, string>> = {
  safetensors: 'safetensors',
  torch: 'PyTorch',
  'torch-legacy': 'PyTorch (format before 1.6)',
  'tensorflow.js': 'TensorFlow.js',
  keras: 'Keras 3',
  npz: 'NumPy .npz',
};

/** The name of a format as its users say it. */
export function formatWords(format: CheckpointFormat): string {
  return FORMATS[format];
}

/** What is known of a checkpoint as a whole: `PyTorch, 46.8 MB, after epoch 3`. */
export function checkpointFacts({
  format,
  files,
  bytes,
  epoch,
}: Pick<CheckpointListing, 'format' | 'bytes' | 'epoch'> &
  Partial<Pick<CheckpointListing, 'files'>>): string {
  return [
    formatWords(format),
    ...(files === undefined || files.length === 1 ? [] : [counted(files.length, 'file')]),
    formatBytes(bytes),
    ...(epoch === null ? [] : [`after epoch ${formatCount(epoch)}`]),
  ].join(', ');
}
