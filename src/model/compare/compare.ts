import type { Checkpoint, CheckpointWarning, StoredTensor } from '../checkpoint/checkpoint';
import type { Inspection, ModelInfo, TensorInfo } from '../inspection';
import { comparePairs, workFor, type Pair } from './comparePair';
import type { ComparedModel, Comparison, PairVerdict } from './comparison';
import { Contents } from './contents';
import { expectationsOf } from './expectations';
import { matchModels, type ModelSeries } from './matchModels';
import { matchTensors, type TensorSeries, type Untied } from './matchTensors';
import { inOrderOfTime } from './series';

export interface OpenedCheckpoint {
  /** As the comparison shows it. */
  readonly path: string;
  readonly checkpoint: Checkpoint;
}

export interface CompareOptions {
  /** Text of `permafrost.json`, and its path as messages show it; null to compare without rules. */
  readonly config: { readonly file: string; readonly text: string } | null;
  /** Of the project: lends classes and kinds that files do not hold; null when there is none. */
  readonly inspection: Inspection | null;
  /** Whether bytes are read even where checksums in both files are equal. Default: no. */
  readonly exact?: boolean | undefined;
  /** Told what is done, in bytes that have to be compared. */
  readonly progress?: ((done: number, total: number) => void) | undefined;
}

/** Warnings of one kind that a file gets; the others are counted. */
const MOST_WARNINGS = 20;

/**
 * Compares each of two or more checkpoints with the one before it in time. It closes none of them.
 * Memory does not grow with the files' bytes.
 * @throws ConfigProblems before anything is read, for rules that cannot be held against the files
 */
export function compareCheckpoints(
  opened: readonly OpenedCheckpoint[],
  { config, inspection, exact = false, progress = () => undefined }: CompareOptions,
): Comparison {
  const start = performance.now();
  const files = inOrderOfTime(opened.map((each) => ({ ...each, epoch: each.checkpoint.epoch })));
  const series = matchModels(files.map(({ file }) => file.checkpoint.models)).map(through);
  const infos = series.map(({ models, tensors }) => modelInfo(models, tensors));
  const expectations = expectationsOf(
    config,
    infos,
    inspection,
    files.map(({ epoch }) => epoch),
  );
  const rows = series.flatMap(({ tensors }) => tensors);
  const warnings = files.map((): CheckpointWarning[] => []);
  for (const { untied } of series)
    explain(
      untied,
      files.map(({ file }) => file.path),
      warnings,
    );

  const contents = new Contents();
  const pairsOf = (file: number): Pair[] =>
    rows.map(({ stored }) => [stored[file] ?? null, stored[file + 1] ?? null]);
  let [done, total] = [0, 0];
  for (let file = 0; file + 1 < files.length; file += 1) {
    for (const pair of pairsOf(file)) total += workFor(pair, exact);
  }
  const columns: (readonly PairVerdict[])[] = [];
  for (let file = 0; file + 1 < files.length; file += 1) {
    const found = comparePairs(pairsOf(file), contents, exact, (bytes) => {
      done += bytes;
      progress(done, total);
    });
    columns.push(found.verdicts);
    warnings[file + 1]?.push(...some(found.warnings));
  }

  let row = 0;
  const models = expectations.models.map((model): ComparedModel => ({
    ...model,
    tensors: model.tensors.map((tensor) => {
      const verdicts = columns.map((column) => column[row] ?? ({ kind: 'absent' } as const));
      row += 1;
      const { rule, expected } = expectations.of(model, tensor.name);
      const pairs = verdicts.map((verdict, pair) => ({
        verdict,
        expected: expected[pair] ?? ('unknown' as const),
      }));
      return { ...tensor, rule, pairs };
    }),
  }));
  return {
    version: 1,
    files: files.map(({ file: { path, checkpoint }, epoch }, at) => ({
      ...{ path, epoch, format: checkpoint.format, bytes: checkpoint.bytes },
      warnings: [...checkpoint.warnings, ...(warnings[at] ?? [])],
    })),
    config: expectations.config,
    models,
    milliseconds: performance.now() - start,
    bytesRead: contents.bytesRead,
  };
}

const through = (
  models: ModelSeries,
): { models: ModelSeries; tensors: readonly TensorSeries[]; untied: readonly Untied[] } => ({
  models,
  ...matchTensors(models),
});

/** A model as the first file that has it tells of it. */
function modelInfo(models: ModelSeries, tensors: readonly TensorSeries[]): ModelInfo {
  const first = models.find((model) => model !== null);
  const { name = '', className = '', copyOf } = first ?? {};
  return {
    ...{ name, className },
    ...(copyOf !== undefined && { copyOf }),
    tensors: tensors.map(tensorInfo),
  };
}

function tensorInfo({ names, stored }: TensorSeries): TensorInfo {
  const [name = '', ...aliases] = names;
  // Every row has a tensor of some file.
  const { kind, module, type, dtype, shape } = stored.find((each) => each !== null) as StoredTensor;
  return {
    ...{ name, kind, module, type, dtype, shape },
    ...(aliases.length > 0 && { aliases }),
  };
}

/** Tells in the file that ties tensors that another one does not. */
function explain(
  untied: readonly Untied[],
  paths: readonly string[],
  warnings: readonly CheckpointWarning[][],
): void {
  paths.forEach((_, file) => {
    const own = untied.filter(({ tied }) => tied === file);
    const told = own.map(({ separate, names: [a, b] }) => ({
      text: `${a} and ${b} share memory here, and are separate in ${paths[separate] ?? ''}: each is compared by itself.`,
      advice: '',
      offset: null,
    }));
    warnings[file]?.push(...some(told));
  });
}

function some(warnings: readonly CheckpointWarning[]): readonly CheckpointWarning[] {
  const more = warnings.length - MOST_WARNINGS;
  if (more <= 0) return warnings;
  const text = `There are ${more} more like the one before.`;
  return [...warnings.slice(0, MOST_WARNINGS), { text, advice: '', offset: null }];
}
