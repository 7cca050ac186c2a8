/**
 * Run state: what the events of one run add up to. Status bar, report, runs view, Markdown and
 * HTML draw this and nothing else; `permafrost report --json` prints it. Plain JSON throughout.
 */
import type { Cause, ConfigRule, EventOf, Finding, Span } from './events';

export type RunStatus =
  /** The command runs, no model has been seen yet. */
  | 'starting'
  | 'training'
  /** Ended with exit code 0. */
  | 'finished'
  /** Ended with another exit code, or by a signal. */
  | 'failed'
  /** Ended by the user. */
  | 'cancelled'
  /** Ended by Permafrost: a frozen tensor moved under `onMove: "stop"`, or the config is bad. */
  | 'stopped'
  /** No end was written and its processes are gone: killed, or the machine went down. */
  | 'lost';

export type TensorState = EventOf<'model'>['tensors'][number];

/** A finding, of a training in several processes with the ranks that found it. */
export type RankedFinding = Finding & { readonly ranks?: readonly number[] | undefined };

export interface Verification {
  readonly at: 'epoch-end' | 'exit';
  readonly method: 'bytes' | 'fingerprint' | 'mixed';
  /** How many tensors were fingerprinted where they lie; absent for none. */
  readonly onDevice?: number | undefined;
  readonly milliseconds: number;
  readonly bytes: number;
  readonly intact: number;
  readonly findings: readonly RankedFinding[];
  readonly normalization: EventOf<'verified'>['normalization'];
  readonly unmoved: readonly string[];
  readonly digest?: string | undefined;
  readonly gradientNorm?: EventOf<'verified'>['gradientNorm'];
}

/** What one rank told of an epoch. */
export interface RankEpoch {
  readonly startedAt: number;
  readonly milliseconds: number | null;
  /** Null until it was verified. */
  readonly verification: Verification | null;
}

/** An epoch; of several ranks, as the lowest of them told it. */
export interface EpochState {
  /** Counted from 1. */
  readonly epoch: number;
  /** The epoch before it as its process counted, 0 for none; null when it did not tell. */
  readonly previous: number | null;
  readonly clock: EventOf<'epoch-started'>['clock'];
  readonly startedAt: number;
  readonly milliseconds: number | null;
  readonly metrics: Readonly<Record<string, number | 'NaN' | 'Infinity'>>;
  /** Null until it was verified; of several ranks, the worst that any of them found so far. */
  readonly verification: Verification | null;
  /** By rank; empty for a process without one. */
  readonly ranks: Readonly<Record<string, RankEpoch>>;
}

/** A process that had loaded the framework. */
export interface ProcessState {
  /** As in its events: the process id, `.thread` behind it, or `r<rank>.` before it. */
  readonly proc: string;
  readonly pid: number;
  readonly runtime: string;
  readonly argv: readonly string[];
  readonly startedAt: number;
  /** Null while it runs, and for ever when it was killed. */
  readonly endedAt: number | null;
  readonly exitCode: number | null;
  /** Which of the processes that train together, from 0; null for one that trains alone. */
  readonly rank: number | null;
  readonly worldSize: number | null;
  /** From 1; grows when all ranks are started again. */
  readonly attempt: number;
  readonly host: string | null;
}

/** The outputs of the frozen first layers of a model: fields as in its `cache` event. */
export type CacheState = EventOf<'cache'>;

/** One of the processes that train a model together. */
export interface RankState {
  readonly rank: number;
  readonly proc: string;
  /** False when its description of the model was lost: it is taken to freeze what the model does. */
  readonly announced: boolean;
  /** What it froze; null when it is what the model froze. */
  readonly frozen: Readonly<Record<string, readonly Span[]>> | null;
}

/** A model; of several ranks, as the lowest that announced it described it. */
export interface ModelState {
  /**
   * Distinct within the run: `net`, `net (2)` when a model of that name trains again, and
   * `net, attempt 2` when all ranks were started again.
   */
  readonly name: string;
  /** The name in the events. */
  readonly eventName: string;
  readonly className: string;
  readonly proc: string;
  /** As of its process, from 1. */
  readonly attempt: number;
  /** In ascending order; empty for a process without a rank. */
  readonly ranks: readonly RankState[];
  readonly tensors: readonly TensorState[];
  /** Spans in which a tensor is frozen, by tensor name; tensors without are trainable throughout. */
  readonly frozen: Readonly<Record<string, readonly Span[]>>;
  readonly matched: readonly number[];
  readonly trainableBefore: number;
  readonly trainableAfter: number;
  /** How many epochs the script asked for; null when unknown. */
  readonly totalEpochs: number | null;
  readonly epochs: readonly EpochState[];
  /** Of the epoch under way; null between epochs. */
  readonly progress: {
    readonly epoch: number;
    readonly batch: number;
    readonly batches: number | null;
    readonly loss: number | 'NaN' | 'Infinity' | null;
  } | null;
}

export interface MessageState {
  readonly t: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly code: string;
  readonly text: string;
  readonly advice?: string | undefined;
  /** In the form of the config: appended to its `freeze`, they are the way out. */
  readonly rules?: readonly ConfigRule[] | undefined;
  /** The ranks that said it; absent for a process without one. */
  readonly ranks?: readonly number[] | undefined;
}

/** A frozen tensor that moved, once for the whole run. */
export interface Movement {
  readonly model: string;
  readonly name: string;
  /** First epoch at whose end it differed. */
  readonly epoch: number;
  readonly elements: number | null;
  readonly maxDelta: number | 'NaN' | 'Infinity' | null;
  readonly cause: Cause | null;
  /** The ranks on which it moved in that epoch; absent for a process without one. */
  readonly ranks?: readonly number[] | undefined;
}

/** The verdict over the whole run, worst first. */
export type RunVerdict =
  | { readonly kind: 'moved'; readonly movements: readonly Movement[] }
  /** Something frozen could not be compared in some epoch. */
  | { readonly kind: 'not verified'; readonly reason: string }
  | { readonly kind: 'intact'; readonly tensors: number; readonly epochs: number }
  /** Epochs may have run, but no rule froze anything. */
  | { readonly kind: 'nothing frozen' }
  | { readonly kind: 'no model' }
  /** Too early to tell. */
  | { readonly kind: 'pending' };

export interface RunState {
  readonly version: 1;
  readonly id: string;
  readonly command: string;
  readonly cwd: string;
  readonly launcher: 'cli' | 'editor' | 'hook';
  readonly permafrost: string;
  readonly onMove: 'stop' | 'report';
  /** The rules as text, in the order of the config. */
  readonly rules: readonly string[];
  readonly status: RunStatus;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly engine: {
    readonly framework: string;
    readonly version: string;
    readonly package: string;
    readonly backend: string;
    readonly device: string;
    /** What computes below the framework: `TensorFlow 2.21.0`; null when nobody told. */
    readonly library: string | null;
    /** Whether the device only imitates a GPU in software. */
    readonly software: boolean;
    /** The config's `engine`; null where the script decides. */
    readonly requested: string | null;
    /** Why something else runs than was asked for; null when nothing else does. */
    readonly fallback: string | null;
  } | null;
  /** What became last of the frozen prefix of each model that has one. */
  readonly caches: readonly CacheState[];
  readonly configError: {
    readonly text: string;
    readonly advice?: string | undefined;
    readonly file: string;
    readonly line: number;
    readonly column: number;
  } | null;
  readonly processes: readonly ProcessState[];
  readonly models: readonly ModelState[];
  readonly messages: readonly MessageState[];
  /** Process ids, the launcher's included, that wrote events and have not said that they ended. */
  readonly livePids: readonly number[];
  /** Lines that could not be read. */
  readonly garbledLines: number;
  readonly verdict: RunVerdict;
}

/** What the report's table shows of one tensor at one epoch. */
export type Cell =
  | 'intact'
  | 'moved'
  | 'rebased'
  | 'replaced'
  | 'missing'
  | 'not verified'
  /** Not frozen in that epoch. */
  | 'trainable'
  /** Frozen, the epoch has not been verified yet. */
  | 'pending';
