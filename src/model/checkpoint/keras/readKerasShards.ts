import * as z from 'zod/mini';
import type { ByteSource, SiblingFiles } from '../byteSource';
import type { Checkpoint } from '../checkpoint';
import { CheckpointError } from '../checkpointError';
import { readHdf5, type H5Dataset, type H5Group } from '../hdf5/readHdf5';
import { kerasCheckpoint } from './readKeras';

/** `ShardedH5IOStore` in keras/src/saving/saving_lib.py: a group may go over several files. */
const indexSchema = z.object({
  weight_map: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});

/** Whether it is the index that `save_weights('….weights.json', max_shard_size=…)` writes. */
export function isKerasIndex(value: unknown): boolean {
  const index = indexSchema.safeParse(value);
  if (!index.success) return false;
  const files = Object.values(index.data.weight_map).flat();
  return files.length > 0 && files.every((file) => file.endsWith('.h5'));
}

/**
 * Reads the weights that Keras spread over several files.
 * @param value the parsed index
 * @throws CheckpointError
 */
export function readKerasShards(
  value: unknown,
  source: ByteSource,
  siblings: SiblingFiles,
): Checkpoint {
  const index = indexSchema.safeParse(value);
  if (!index.success) throw new CheckpointError(source.name, null, 'its weight_map is malformed.');
  const shards: ByteSource[] = [];
  try {
    const files = new Set(Object.values(index.data.weight_map).flat());
    const roots = [...files].sort().map((file) => {
      const shard = siblings.open(file);
      shards.push(shard);
      return readHdf5(shard);
    });
    return kerasCheckpoint(merged(roots), null, [source, ...shards]);
  } catch (error) {
    for (const shard of shards) shard.close();
    throw error;
  }
}

function merged(groups: readonly H5Group[]): H5Group {
  const attributes = new Map(groups.flatMap((group) => [...group.attributes]));
  const children = new Map<string, H5Group | H5Dataset>();
  for (const [name, child] of groups.flatMap((group) => [...group.children])) {
    const known = children.get(name);
    const both = known?.kind === 'group' && child.kind === 'group';
    children.set(name, both ? merged([known, child]) : child);
  }
  return { kind: 'group', attributes, children };
}
