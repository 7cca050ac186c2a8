import type { CheckpointReader } from '../checkpoint';
import { looksLikeSafetensors, readSafetensorsHeader } from './safetensorsHeader';
import { safetensorsTensors } from './safetensorsTensors';

/** What the writers of the safetensors package note under `format`. */
const FRAMEWORKS: ReadonlyMap<string | undefined, string> = new Map([
  ['pt', 'pytorch'],
  ['tf', 'tensorflow'],
  ['np', 'numpy'],
  ['flax', 'flax'],
  ['mlx', 'mlx'],
]);

/** One file; see shardIndex.ts for models that are spread over several. */
export const safetensorsReader: CheckpointReader = {
  matches: looksLikeSafetensors,
  read(source) {
    const header = readSafetensorsHeader(source);
    return {
      format: 'safetensors',
      framework: FRAMEWORKS.get(header.metadata.get('format')) ?? '',
      files: [source.name],
      bytes: source.size,
      models: [{ name: 'model', className: '', tensors: safetensorsTensors(header, source) }],
      warnings: [],
      epoch: epochOf(header.metadata),
      close: () => {
        source.close();
      },
    };
  },
};

/** `epoch` and kohya's `ss_epoch`: the writers' own habits. */
function epochOf(metadata: ReadonlyMap<string, string>): number | null {
  const text = metadata.get('epoch') ?? metadata.get('ss_epoch') ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}
