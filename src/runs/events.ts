/**
 * The event format: one JSON object a line in `.permafrost/runs/<id>/events.jsonl` (and one file
 * more for each further rank, see `paths.ts`), append-only, the only channel between training
 * processes and whoever watches them. `docs/events.md` is its reference. Readers ignore unknown types and unknown fields; writers never change the meaning of
 * a field within one version.
 */
import * as z from 'zod/mini';
import { tensorSchema } from '../model/tensorSchema';

export const EVENT_VERSION = 1;

const count = z.number().check(z.nonnegative());
/** Epochs are counted from 1. */
const epoch = z.int().check(z.positive());
const maybe = <T extends z.core.$ZodType>(type: T) => z.optional(z.nullable(type));

/** Fields that every event has. */
const base = {
  v: z.literal(EVENT_VERSION),
  /** Milliseconds since 1970. */
  t: z.number(),
  /**
   * Who wrote it: `launcher`, or the process id, with `.thread` for a worker thread, or
   * `r<rank>.<pid>` for a rank, as process ids repeat over hosts.
   */
  proc: z.string(),
};

/** A stretch of epochs in which a tensor is frozen, both ends inclusive; `until: null` is open. */
const span = z.object({
  from: epoch,
  until: z.nullable(epoch),
  /** Index of the rule in the config's `freeze`. */
  rule: z.int(),
});

/** JSON has no NaN and no infinity: they travel as words. */
const delta = z.union([z.number(), z.enum(['NaN', 'Infinity'])]);

/** A rule in the form of the config: a pattern, or an object. Who writes it there checks it. */
const configRule = z.union([z.string(), z.record(z.string(), z.unknown())]);

const cause = z.object({
  kind: z.enum([
    'optimizer',
    'batch-norm',
    'set-weights',
    'assign',
    'load',
    'in-place',
    'tied',
    /** A lookup wrote rows anew to keep their norm (`Embedding(max_norm)`). */
    'max-norm',
    /** A weight or spectral norm computed the tensor anew. */
    'normalization',
    'unknown',
  ]),
  /** One sentence without a full stop: `layer.setWeights() was called`. */
  text: z.string(),
  file: z.optional(z.string()),
  /** Counted from 1. */
  line: z.optional(z.int()),
});

const finding = z.discriminatedUnion('verdict', [
  z.object({
    name: z.string(),
    verdict: z.literal('moved'),
    /** How many elements differ from the reference; null when only a fingerprint was kept. */
    elements: z.nullable(count),
    /** Largest absolute difference over those elements; null when only a fingerprint was kept. */
    maxDelta: z.nullable(delta),
    cause: maybe(cause),
  }),
  z.object({ name: z.string(), verdict: z.literal('rebased'), cause }),
  z.object({ name: z.string(), verdict: z.literal('replaced') }),
  z.object({ name: z.string(), verdict: z.literal('missing') }),
  z.object({ name: z.string(), verdict: z.literal('not verified'), reason: z.string() }),
]);

/** What a line of the events file must be. */
export const eventSchema = z.discriminatedUnion('type', [
  /** Written by the launcher before the command starts. */
  z.object({
    ...base,
    type: z.literal('run-started'),
    id: z.string(),
    command: z.string(),
    /** Absolute path of the working directory. */
    cwd: z.string(),
    launcher: z.enum(['cli', 'editor', 'hook']),
    /** Version of Permafrost. */
    permafrost: z.string(),
    /** Process id of the launcher, or null when the editor's terminal starts the command. */
    pid: z.nullable(z.int()),
    onMove: z.enum(['stop', 'report']),
    /** The rules as they stand in the config, each as one line of text. */
    rules: z.array(z.string()),
  }),
  /** The hook is in a process that loaded the framework. */
  z.object({
    ...base,
    type: z.literal('process-started'),
    pid: z.int(),
    /** `node v20.20.2`, `python 3.11.7`. */
    runtime: z.string(),
    argv: z.array(z.string()),
    /** Of a process that trains together with others: which of them, from 0. */
    rank: z.optional(z.int().check(z.nonnegative())),
    /** How many there are. */
    worldSize: z.optional(z.int().check(z.positive())),
    /** From 1; grows when all of them are started again after one has died. */
    attempt: z.optional(z.int().check(z.positive())),
    /** Name of its machine. */
    host: z.optional(z.string()),
  }),
  z.object({
    ...base,
    type: z.literal('engine'),
    /** `tensorflow.js`, `pytorch`. */
    framework: z.string(),
    version: z.string(),
    /** Package that the script loaded: `@tensorflow/tfjs-node`. */
    package: z.string(),
    /** `cpu`, `tensorflow`, `webgpu`, `wasm`, `cuda`. */
    backend: z.string(),
    /** The device that really ran, in words. */
    device: z.string(),
    /** What computes below the framework: `TensorFlow 2.21.0`, `Dawn`. */
    library: z.optional(z.string()),
    /** Whether the device only imitates a GPU in software. */
    software: z.optional(z.boolean()),
    /** The config's `engine`. */
    requested: z.optional(z.string()),
    /** Why something else runs than was asked for, as a sentence. */
    fallback: z.optional(z.string()),
  }),
  /** What became of the outputs of the frozen first layers of a model. */
  z.object({
    ...base,
    type: z.literal('cache'),
    model: z.string(),
    /** From which epoch on. */
    epoch,
    /**
     * `used`: computed once for each sample from here on. `refused`: asked for, but it cannot be
     * or does not pay. `ended`: was used and is no longer. `offered`: not asked for, and would pay.
     */
    state: z.enum(['used', 'refused', 'ended', 'offered']),
    /** Layers of the prefix. */
    layers: count,
    /** The layers behind whose outputs the model is cut. */
    cut: z.array(z.string()),
    /** Why, as a sentence; null for `used`. */
    reason: z.nullable(z.string()),
    /** Samples and bytes that are kept. */
    samples: z.optional(count),
    bytes: z.optional(count),
    where: z.optional(z.enum(['memory', 'disk'])),
    /** How many times faster an epoch is, as measured in this run; for `offered` as estimated. */
    gain: z.optional(z.number()),
  }),
  /** A model is about to train: its tensors and what the rules make of them. */
  z.object({
    ...base,
    type: z.literal('model'),
    model: z.string(),
    className: z.string(),
    tensors: z.array(tensorSchema),
    /** Spans of each tensor that a rule freezes in some epoch, by tensor name. */
    frozen: z.record(z.string(), z.array(span)),
    /** How many tensors of this model each rule matched, in the order of the rules. */
    matched: z.array(count),
    /** Elements of the parameters that the script would train, without and with the rules. */
    trainableBefore: count,
    trainableAfter: count,
  }),
  z.object({
    ...base,
    type: z.literal('epoch-started'),
    model: z.string(),
    epoch,
    /** The last epoch of this model before, 0 for none: tells a jump from a lost part of the file. */
    previous: z.optional(z.int().check(z.nonnegative())),
    /** How many epochs the script asked for; null when it cannot be known. */
    epochs: z.nullable(epoch),
    /** How the epoch was told: the rungs of `docs/events.md`. */
    clock: z.enum(['fit', 'dataset', 'evaluate', 'train', 'scheduler', 'steps', 'exit']),
  }),
  z.object({
    ...base,
    type: z.literal('progress'),
    model: z.string(),
    epoch,
    /** Batches done in this epoch. */
    batch: count,
    batches: z.nullable(count),
    loss: maybe(delta),
  }),
  z.object({
    ...base,
    type: z.literal('epoch-ended'),
    model: z.string(),
    epoch,
    /** What the script's own logs hold: `loss`, `acc`, `val_loss`. */
    metrics: z.record(z.string(), delta),
    milliseconds: count,
  }),
  z.object({
    ...base,
    type: z.literal('verified'),
    model: z.string(),
    epoch,
    /** `exit`: once more before the process ended, for steps after the last epoch's end. */
    at: z.enum(['epoch-end', 'exit']),
    /** How tensors were compared: with a kept copy, by a fingerprint of at least 128 bits, or both. */
    method: z.enum(['bytes', 'fingerprint', 'mixed']),
    /** How many tensors were fingerprinted by the accelerator, without reading them back. */
    onDevice: z.optional(count),
    milliseconds: count,
    /** Bytes read. */
    bytes: count,
    /** How many frozen tensors equal their reference in every byte. */
    intact: count,
    /** Every frozen tensor that is not intact. */
    findings: z.array(finding),
    /** How each BatchNorm-like layer normalised in this epoch. */
    normalization: z.array(
      z.object({
        module: z.string(),
        mode: z.enum(['running', 'batch', 'mixed']),
        /** Whether its statistics were frozen in this epoch. */
        frozen: z.boolean(),
      }),
    ),
    /** Trainable tensors that have not moved since their reference was taken. */
    unmoved: z.array(z.string()),
    /**
     * 128 bits in hexadecimal over the frozen tensors' values in the order of their names: equal
     * on ranks that hold equal values. Absent where each rank holds a shard of its own.
     */
    digest: z.optional(z.string()),
    /** Norm of the gradients of all trained parameters, as sampled at steps of this epoch. */
    gradientNorm: z.optional(z.object({ first: delta, last: delta, max: delta, samples: count })),
  }),
  z.object({
    ...base,
    type: z.literal('message'),
    level: z.enum(['info', 'warning', 'error']),
    /** Stable word to tell messages apart: `hook-fault`, `script-thawed`, `gradients-exploded`. */
    code: z.string(),
    text: z.string(),
    /** The way out, as a sentence. */
    advice: z.optional(z.string()),
    /** Rules as they would stand in the config; appended to its `freeze`, they are the way out. */
    rules: z.optional(z.array(configRule)),
  }),
  /** Training was refused before it began: the config does not fit the model. */
  z.object({
    ...base,
    type: z.literal('config-error'),
    text: z.string(),
    advice: z.optional(z.string()),
    file: z.string(),
    line: z.int(),
    column: z.int(),
  }),
  /** `onMove: "stop"` ended the process. */
  z.object({
    ...base,
    type: z.literal('stopped'),
    reason: z.enum(['moved', 'config', 'inspected']),
    model: maybe(z.string()),
    epoch: maybe(epoch),
  }),
  /** A process that had loaded the framework ends; not written when it is killed. */
  z.object({ ...base, type: z.literal('process-ended'), code: z.int() }),
  /** Written by the launcher when the command has ended. */
  z.object({
    ...base,
    type: z.literal('run-ended'),
    /** Exit code of the command; null when a signal ended it or nobody could tell. */
    code: z.nullable(z.int()),
    signal: maybe(z.string()),
    /** True when the user asked for the end. */
    cancelled: z.optional(z.boolean()),
  }),
]);

export type RunEvent = z.infer<typeof eventSchema>;
export type EventType = RunEvent['type'];
/** The event of one type. */
export type EventOf<T extends EventType> = Extract<RunEvent, { type: T }>;
/** An event as its author writes it: the writer adds version, time and process. */
export type EventBody = RunEvent extends infer E
  ? E extends RunEvent
    ? Omit<E, 'v' | 't' | 'proc'>
    : never
  : never;
export type Finding = EventOf<'verified'>['findings'][number];
export type Cause = z.infer<typeof cause>;
export type ConfigRule = z.infer<typeof configRule>;
export type Span = z.infer<typeof span>;

/** What one line of an events file turned out to be. */
export type ParsedLine =
  | { readonly kind: 'event'; readonly event: RunEvent }
  /** Of a type that this version does not know: to be passed over. */
  | { readonly kind: 'unknown'; readonly type: string }
  | { readonly kind: 'invalid'; readonly reason: string };

const KNOWN: ReadonlySet<string> = new Set(
  eventSchema._zod.def.options.flatMap((option) => option.shape.type.def.values),
);

/** Reads one line of an events file. Never throws. */
export function parseEventLine(line: string): ParsedLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { kind: 'invalid', reason: `not JSON: ${(error as Error).message}` };
  }
  if (typeof value !== 'object' || value === null || !('type' in value)) {
    return { kind: 'invalid', reason: 'not an object with a "type"' };
  }
  const { type } = value;
  if (typeof type !== 'string') return { kind: 'invalid', reason: '"type" is not a string' };
  if (!KNOWN.has(type)) return { kind: 'unknown', type };
  const result = eventSchema.safeParse(value);
  if (result.success) return { kind: 'event', event: result.data };
  const issue = result.error.issues[0];
  return {
    kind: 'invalid',
    reason: `${type}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is malformed'}`,
  };
}
