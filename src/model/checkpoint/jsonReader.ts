import type { ByteSource } from './byteSource';
import type { Checkpoint, CheckpointReader } from './checkpoint';
import { CheckpointError } from './checkpointError';
import { looksLikeJson, readJsonSource } from './jsonSource';
import { isKerasIndex, readKerasShards } from './keras/readKerasShards';
import { isShardIndex, readShardIndex } from './shardIndex';
import { readTfjs } from './tfjs/readTfjs';
import { isTfjsJson } from './tfjs/tfjsManifest';

/**
 * Checkpoints whose names stand in JSON and whose values stand in files beside it.
 * @param open reads a shard that is a checkpoint itself
 */
export function jsonReader(open: (shard: ByteSource) => Checkpoint): CheckpointReader {
  return {
    matches: looksLikeJson,
    read(source, siblings) {
      const value = readJsonSource(source);
      if (isTfjsJson(value)) return readTfjs(value, source, siblings);
      if (isKerasIndex(value)) return readKerasShards(value, source, siblings);
      if (isShardIndex(value)) return readShardIndex(value, source, siblings, open);
      const reason =
        'this JSON is neither a TensorFlow.js model.json nor the index of a sharded model.';
      throw new CheckpointError(source.name, 0, `${reason} Name the file that has the weights.`);
    },
  };
}
