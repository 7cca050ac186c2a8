/** What a worker thread does with checkpoints, so that the editor never waits for a file. */
import type { CheckpointListing } from '../checkpoint/listing';
import type { Comparison } from '../compare/comparison';
import type { Inspection } from '../inspection';

/**
 * A checkpoint on a disk, or in memory with the files beside it: shards by the names that the
 * checkpoint gives them.
 */
export type CheckpointFile =
  | {
      /** Path as messages show it. */
      readonly name: string;
      readonly path: string;
    }
  | {
      readonly name: string;
      readonly bytes: Uint8Array;
      readonly siblings: Readonly<Record<string, Uint8Array>>;
    };

/** Reads what is in a checkpoint, without its values. */
export interface ListJob {
  readonly kind: 'list';
  readonly file: CheckpointFile;
}

/** Compares each checkpoint with the one before it in time. */
export interface CompareJob {
  readonly kind: 'compare';
  /** Two or more, in any order where their epochs are known. */
  readonly files: readonly CheckpointFile[];
  /** Text of `permafrost.json`, and its path as messages show it; null for a comparison without. */
  readonly config: { readonly file: string; readonly text: string } | null;
  /** Of the project: lends classes and kinds that files do not hold; null when there is none. */
  readonly inspection: Inspection | null;
  /** Whether bytes are read even where checksums in both files are equal. Default: no. */
  readonly exact?: boolean | undefined;
}

export type Job = ListJob | CompareJob;

export type JobResult<J extends Job> = J extends ListJob ? CheckpointListing : Comparison;
