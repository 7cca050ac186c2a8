import * as z from 'zod/mini';
import type { ByteSource, SiblingFiles } from './byteSource';
import type { Checkpoint, StoredTensor } from './checkpoint';
import { CheckpointError, quoted } from './checkpointError';
import { withNormTypes } from './torch/storedModels';
import { stripWrappers } from './torch/wrappers';

/**
 * `model.safetensors.index.json` and `pytorch_model.bin.index.json`, as `save_pretrained` of
 * Transformers writes them (split_torch_state_dict_into_shards in huggingface_hub).
 */
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** Whether it is the index of a model that is spread over several files. */
export function isShardIndex(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'weight_map' in value;
}

/**
 * Reads a model that is spread over several files as one checkpoint.
 * @param value the parsed index
 * @param open reads one shard; owns the source from then on
 * @throws CheckpointError also when a file lacks a tensor that the index says is in it
 */
export function readShardIndex(
  value: unknown,
  source: ByteSource,
  siblings: SiblingFiles,
  open: (shard: ByteSource) => Checkpoint,
): Checkpoint {
  const index = indexSchema.safeParse(value);
  if (!index.success) {
    const reason = 'its "weight_map" should be an object that gives each tensor a file.';
    throw new CheckpointError(source.name, null, reason);
  }
  const files = new Map<string, string[]>();
  for (const [name, file] of Object.entries(index.data.weight_map)) {
    const known = files.get(file);
    if (known === undefined) files.set(file, [name]);
    else known.push(name);
  }
  const shards: Checkpoint[] = [];
  try {
    const tensors = [...files].flatMap(([file, names]) => {
      const shard = open(siblings.open(file));
      shards.push(shard);
      return tensorsOf(shard, names);
    });
    return merged(source, shards, withNormTypes(unique(tensors, source)));
  } catch (error) {
    for (const shard of shards) shard.close();
    throw error;
  }
}

/** @param names that the index says are in the file */
function tensorsOf(shard: Checkpoint, names: readonly string[]): readonly StoredTensor[] {
  const tensors = shard.models.flatMap((model) => model.tensors);
  const there = new Set(tensors.flatMap(({ name, aliases = [] }) => [name, ...aliases]));
  const missing = stripWrappers(names).find((name) => !there.has(name));
  if (missing === undefined) return tensors;
  const shown = quoted(missing);
  throw new CheckpointError(
    shard.files[0] ?? '',
    null,
    `the index says that ${shown} is in this file, and it is not.`,
  );
}

function unique(
  tensors: readonly StoredTensor[],
  { name: file }: ByteSource,
): readonly StoredTensor[] {
  const seen = new Set<string>();
  for (const { name } of tensors) {
    if (seen.has(name)) {
      const shown = quoted(name);
      throw new CheckpointError(file, null, `two of its files hold a tensor ${shown}.`);
    }
    seen.add(name);
  }
  return tensors;
}

function merged(
  source: ByteSource,
  shards: readonly Checkpoint[],
  tensors: readonly StoredTensor[],
): Checkpoint {
  const [first] = shards;
  if (first === undefined) throw new CheckpointError(source.name, null, 'it names no file.');
  return {
    format: first.format,
    framework: first.framework,
    files: [source.name, ...shards.flatMap(({ files }) => files)],
    bytes: shards.reduce((sum, { bytes }) => sum + bytes, source.size),
    models: [{ name: 'model', className: '', tensors }],
    warnings: shards.flatMap(({ warnings }) => warnings),
    epoch: first.epoch,
    close: () => {
      source.close();
      for (const shard of shards) shard.close();
    },
  };
}
