import type { Inspection } from '../inspection';
import type { Checkpoint, CheckpointFormat, CheckpointWarning } from './checkpoint';

/** What `permafrost ls --json` prints and the editor shows: a checkpoint without its values. */
export interface CheckpointListing extends Inspection {
  readonly format: CheckpointFormat;
  /** The file and its shards, as messages show them. */
  readonly files: readonly string[];
  /** Bytes of all files. */
  readonly bytes: number;
  readonly warnings: readonly CheckpointWarning[];
  /** The epoch that the file says it was saved after; null when it says none. */
  readonly epoch: number | null;
}

/**
 * @param source path relative to the folder, or absolute outside of it
 */
export function listingOf(checkpoint: Checkpoint, source: string): CheckpointListing {
  const { format, framework, files, bytes, models, warnings, epoch } = checkpoint;
  return {
    version: 1,
    framework: framework === '' ? format : framework,
    source,
    time: Date.now(),
    models: models.map(({ tensors, ...model }) => ({
      ...model,
      tensors: tensors.map(({ name, aliases, kind, module, type, dtype, shape }) => ({
        ...{ name, kind, module, type, dtype, shape },
        ...(aliases === undefined ? {} : { aliases }),
      })),
    })),
    ...{ format, files, bytes, warnings, epoch },
  };
}
