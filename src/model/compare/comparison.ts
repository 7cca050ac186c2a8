/**
 * What a comparison of two or more checkpoints found: `permafrost diff --json` prints it, the
 * report draws it. Plain JSON throughout.
 */
import type { CheckpointFormat, CheckpointWarning } from '../checkpoint/checkpoint';
import type { TensorInfo } from '../inspection';

/** One of the compared checkpoints. */
export interface ComparedFile {
  /** As given on the command line, or relative to the folder. */
  readonly path: string;
  readonly format: CheckpointFormat;
  /** Bytes of the file and its shards. */
  readonly bytes: number;
  /** The epoch after which it was saved, by the file's own word, else its name; null when unknown. */
  readonly epoch: number | null;
  readonly warnings: readonly CheckpointWarning[];
}

/** How a tensor of one file compares with that of the file before it. */
export type PairVerdict =
  /** Every byte is equal; by `crc32` only the checksums that both files hold were compared. */
  | { readonly kind: 'equal'; readonly by: 'bytes' | 'crc32' }
  | {
      readonly kind: 'different';
      /** Elements that have other bytes. */
      readonly elements: number;
      /** Largest |Δ| over those elements; null where the type has no order of magnitude. */
      readonly maxDelta: number | 'NaN' | 'Infinity' | null;
      /** ‖after − before‖ / ‖before‖ over the whole tensor; null when it cannot be told. */
      readonly relativeL2: number | 'NaN' | 'Infinity' | null;
    }
  /** Only the earlier file has it. */
  | { readonly kind: 'gone' }
  /** Only the later file has it. */
  | { readonly kind: 'new' }
  /** Neither of the two files has it. */
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'reshaped';
      readonly before: readonly number[];
      readonly after: readonly number[];
    }
  | { readonly kind: 'recast'; readonly before: string; readonly after: string }
  /** Its bytes cannot be read: a damaged shard, a broken compression. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** What the rules say of the time between two files. */
export type Expectation =
  /** Frozen in every epoch between them: it must be equal. */
  | 'frozen'
  /** Frozen in some of them: nothing can be asked of it. */
  | 'partly'
  | 'trainable'
  /** There is no config, or the model is a copy (EMA), which does not train. */
  | 'unknown';

export interface ComparedTensor extends TensorInfo {
  /** The rule that freezes it in some epoch, index in `rules`; null when none does. */
  readonly rule: number | null;
  /** One for each file but the first. */
  readonly pairs: readonly { readonly verdict: PairVerdict; readonly expected: Expectation }[];
}

export interface ComparedModel {
  readonly name: string;
  readonly className: string;
  readonly copyOf?: string | undefined;
  /** Of all files: those of the first in its order, then what came later. */
  readonly tensors: readonly ComparedTensor[];
}

export interface Comparison {
  readonly version: 1;
  /** At least two, in the order of time. Each is compared with the one before it. */
  readonly files: readonly ComparedFile[];
  /** Null when the files are compared without rules. */
  readonly config: {
    readonly file: string;
    /** As text, in the order of the config. */
    readonly rules: readonly string[];
    /** Tensors that each matches, over all models. */
    readonly matched: readonly number[];
    /** Whether classes and kinds of tensors were taken from the last inspection of the project. */
    readonly typesFrom: string | null;
  } | null;
  readonly models: readonly ComparedModel[];
  /** Milliseconds that it took. */
  readonly milliseconds: number;
  /** Bytes of the files that were read for it. */
  readonly bytesRead: number;
}

/** The verdict over a whole comparison, worst first. */
export type ComparisonVerdict =
  /** Something frozen has other bytes, another shape or type, or is gone. */
  | { readonly kind: 'moved'; readonly tensors: number }
  /** Something frozen could not be read or is in no file. */
  | { readonly kind: 'not verified'; readonly tensors: number; readonly reason: string }
  /** All that is frozen is equal. */
  | { readonly kind: 'intact'; readonly tensors: number; readonly by: 'bytes' | 'crc32' }
  /** There is a config, and it freezes nothing in these files. */
  | { readonly kind: 'nothing frozen' }
  /** Without a config. */
  | { readonly kind: 'different'; readonly tensors: number }
  | { readonly kind: 'equal'; readonly tensors: number; readonly by: 'bytes' | 'crc32' };
