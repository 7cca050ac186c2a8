import type { TensorKind } from '../../../freeze/tensor';
import type { ByteSource } from '../byteSource';
import type { StoredTensor } from '../checkpoint';
import { PlainStorage } from '../plainStorage';
import { withNormTypes } from '../torch/storedModels';
import { stripWrappers } from '../torch/wrappers';
import type { HeaderEntry, SafetensorsHeader } from './safetensorsHeader';

/** Buffers of PyTorch's BatchNorm: what training moves beside the optimizer. */
const STATISTICS: ReadonlySet<string> = new Set([
  'running_mean',
  'running_var',
  'num_batches_tracked',
]);

/** What the header lists, with the names of PyTorch's state dicts put right. */
export function safetensorsTensors(
  { entries, metadata }: SafetensorsHeader,
  source: ByteSource,
): readonly StoredTensor[] {
  const names = entries.map(({ name }) => name);
  const inner = names.some(mayBeWrapped) ? stripWrappers(names) : names;
  const tied = tiedNames(names, metadata);
  const isTorch = (metadata.get('format') ?? 'pt') === 'pt';
  const tensors = entries.map((entry, index): StoredTensor => {
    const { offset, bytes } = entry;
    const { dtype, shape } = isTorch ? packed(entry) : entry;
    const name = inner[index] ?? '';
    const dot = name.lastIndexOf('.');
    const kind: TensorKind = STATISTICS.has(name.slice(dot + 1)) ? 'statistic' : 'parameter';
    const module = name.slice(0, Math.max(0, dot));
    const storage = new PlainStorage(source, offset, bytes);
    const plain = { name, kind, module, type: '', dtype, shape, storage, offset: 0, strides: null };
    const aliases = tied.get(entry.name);
    return aliases === undefined ? plain : { ...plain, aliases: stripWrappers(aliases) };
  });
  return withNormTypes(tensors);
}

/** PyTorch counts bytes of two elements (`float4_e2m1fn_x2` in safetensors/torch.py). */
function packed({ dtype, shape }: HeaderEntry): Pick<HeaderEntry, 'dtype' | 'shape'> {
  const last = shape.at(-1) ?? 1;
  if (dtype !== 'float4_e2m1' || last % 2 === 1) return { dtype, shape };
  return { dtype: 'float4_e2m1fn_x2', shape: [...shape.slice(0, -1), last / 2] };
}

/** A look that costs little where there are 100,000 names and no wrapper. */
function mayBeWrapped(name: string): boolean {
  return name.startsWith('module.') || name.startsWith('_') || name.includes('._');
}

/**
 * `save_model` of safetensors/torch.py keeps one name of tied weights and notes the others in the
 * metadata, each with the name that was kept.
 */
function tiedNames(
  names: readonly string[],
  metadata: SafetensorsHeader['metadata'],
): ReadonlyMap<string, readonly string[]> {
  const tied = new Map<string, string[]>();
  const notes = [...metadata].filter(([key]) => key !== 'format');
  if (notes.length === 0) return tied;
  const all = new Set(names);
  for (const [removed, kept] of notes) {
    if (all.has(removed) || !all.has(kept)) continue;
    const known = tied.get(kept);
    if (known === undefined) tied.set(kept, [removed]);
    else known.push(removed);
  }
  return tied;
}
