import { basename } from 'node:path';

/** A checkpoint with what tells when it was saved. */
export interface Dated {
  /** Path as given. */
  readonly path: string;
  /** The epoch that the file itself tells; null when it tells none. */
  readonly epoch: number | null;
}

/** `epoch=07-step=12.ckpt`, `model_epoch_3.pt`, `net-ep12.pth`. */
const EPOCH = /(?:^|[^a-z])ep(?:och)?s?[=_. -]?(\d{1,9})(?!\d)/i;
const STEP = /(?:step|iter|batch|global)[a-z]*[=_. -]?$/i;

/**
 * Sorts checkpoints by time and tells after which epochs they were saved: by their own word, else
 * by their names: `epoch=07`, or the last number of names that are alike but for it. Where an epoch
 * is unknown, names that are alike but for one number are sorted by it, so that `ckpt-10` comes
 * after `ckpt-2`; other files stay as they were given.
 */
export function inOrderOfTime<T extends Dated>(
  files: readonly T[],
): readonly { readonly file: T; readonly epoch: number | null }[] {
  const paths = files.map(({ path }) => path);
  const [inPaths, inNames] = [numbersOf(paths), numbersOf(paths.map((path) => basename(path)))];
  const dated = files.map((file, index) => {
    const named = Number(EPOCH.exec(basename(file.path))?.[1] ?? NaN);
    const counted = inNames?.epochs === true ? (inNames.numbers[index] ?? null) : null;
    const epoch = file.epoch ?? (Number.isNaN(named) ? counted : named);
    return { file, epoch, place: inPaths?.numbers[index] ?? 0 };
  });
  const known = dated.every(({ epoch }) => epoch !== null);
  const byEpoch = (a: number | null, b: number | null): number => (known ? (a ?? 0) - (b ?? 0) : 0);
  return dated
    .sort((a, b) => byEpoch(a.epoch, b.epoch) || a.place - b.place)
    .map(({ file, epoch }) => ({ file, epoch }));
}

interface Series {
  readonly numbers: readonly number[];
  /** Whether the numbers may be epochs: not where the name says that they are steps. */
  readonly epochs: boolean;
}

/** The number by which names that are otherwise alike differ; null when there is no such number. */
function numbersOf(names: readonly string[]): Series | null {
  const parts = names.map((name) => name.split(/(\d+)/));
  const [first = [], ...others] = parts;
  const differing = first.flatMap((part, at) =>
    others.some((other) => other[at] !== part) ? [at] : [],
  );
  const [at, ...more] = differing;
  const alike = others.every((other) => other.length === first.length);
  if (!alike || at === undefined || at % 2 === 0 || more.length > 0) return null;
  const numbers = parts.map((part) => Number(part[at]));
  const before = first[at - 1] ?? '';
  return { numbers, epochs: !STEP.test(before) && numbers.every(Number.isSafeInteger) };
}
