import { unifySeparators } from '../../freeze/pattern';
import type { StoredTensor } from '../checkpoint/checkpoint';
import type { ModelSeries } from './matchModels';

/** One tensor through all files. */
export interface TensorSeries {
  /** The name in the first file that has it, then other names of the same memory. */
  readonly names: readonly string[];
  /** What each file has of it; null where it has none. */
  readonly stored: readonly (StoredTensor | null)[];
}

/** Tensors that share memory in one file and not in another: each is compared by itself. */
export interface Untied {
  /** Index of the file in which they share memory. */
  readonly tied: number;
  /** Index of a file in which they do not. */
  readonly separate: number;
  readonly names: readonly [string, string];
}

interface Row {
  readonly names: string[];
  readonly stored: (StoredTensor | null)[];
}

/**
 * Finds the same tensors of a model in several files by their names and aliases; `.` and `/`
 * separate alike where no name is equal to the letter. Those of the first file come first in its
 * order, then what came later.
 */
export function matchTensors(models: ModelSeries): {
  readonly tensors: readonly TensorSeries[];
  readonly untied: readonly Untied[];
} {
  const rows: Row[] = [];
  const exact = new Map<string, Row>();
  const unified = new Map<string, Row>();
  const untied: Untied[] = [];

  const name = (row: Row, names: readonly string[]): void => {
    for (const each of names) {
      if (exact.has(each)) continue;
      exact.set(each, row);
      row.names.push(each);
      const alike = unifySeparators(each);
      if (!unified.has(alike)) unified.set(alike, row);
    }
  };
  const add = (names: readonly string[], stored: (StoredTensor | null)[]): void => {
    const row: Row = { names: [], stored };
    name(row, names);
    // A name that is there twice in a file: the first tensor has it.
    if (row.names.length > 0) rows.push(row);
  };
  const separate = (row: Row, file: number, tensor: StoredTensor, names: string[]): void => {
    const own = new Set(names.filter((each) => exact.get(each) === row));
    const [first] = own;
    const other = row.names.find((each) => !own.has(each));
    if (first === undefined || other === undefined) return;
    const alike = new Set([...own].map(unifySeparators));
    const shared = row.stored.map((each, at) =>
      each !== null && at < file && namesOf(each).some((name) => alike.has(unifySeparators(name)))
        ? each
        : null,
    );
    const tied = shared.findIndex((each) => each !== null);
    if (tied >= 0) untied.push({ tied, separate: file, names: [other, first] });
    row.names.splice(0, row.names.length, ...row.names.filter((each) => !own.has(each)));
    for (const each of own) exact.delete(each);
    add(names, shared.with(file, tensor));
  };

  models.forEach((model, file) => {
    const left: StoredTensor[] = [];
    for (const tensor of model?.tensors ?? []) {
      const names = namesOf(tensor);
      const [row, ...others] = new Set(names.flatMap((each) => exact.get(each) ?? []));
      if (row === undefined) left.push(tensor);
      else if (row.stored[file] != null && others.length === 0) separate(row, file, tensor, names);
      else {
        for (const each of [row, ...others]) each.stored[file] ??= tensor;
        for (const each of others) {
          const before = each.stored.findIndex((stored) => stored !== null);
          const pair = [row.names[0] ?? '', each.names[0] ?? ''] as const;
          untied.push({ tied: file, separate: before, names: pair });
        }
        name(row, names);
      }
    }
    for (const tensor of left) {
      const row = namesOf(tensor)
        .map((each) => unified.get(unifySeparators(each)))
        .find((each) => each !== undefined && each.stored[file] === null);
      if (row === undefined) {
        add(
          namesOf(tensor),
          models.map((_, at) => (at === file ? tensor : null)),
        );
      } else row.stored[file] = tensor;
    }
  });
  return { tensors: rows, untied };
}

const namesOf = ({ name, aliases }: StoredTensor): string[] => [name, ...(aliases ?? [])];
