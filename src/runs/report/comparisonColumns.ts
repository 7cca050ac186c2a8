import { posix } from 'node:path';
import type { ComparedFile, ComparedModel } from '../../model/compare/comparison';
import { visibleText } from '../words/visibleText';
import { formatCount } from '../words/words';
import { pairLetter, pairText } from './comparisonCells';
import { wordOf } from './reportFinding';
import { worstCells, WORST_FIRST } from './reportSummary';
import type { CellLetter, ColumnView, ProblemView } from './reportView';

/** A detail costs a hundred bytes: where everything differs, the cells alone have to say it. */
const MOST_DETAILS = 500;
/** Tensors that are told in words. */
const MOST_PROBLEMS = 5_000;

/** What a column says that is not as a plain training would leave it, from worst to best. */
const PROBLEMS: readonly CellLetter[] = ['m', 's', 'n', 'd', 'g', 'v', 'c'];

/** How the files are called in the report. */
export interface FileNames {
  /** One for each file: the shortest end of its path that tells it from the others. */
  readonly names: readonly string[];
  /** One for each file: its epoch, or its position from 1 where not all tell theirs in order. */
  readonly epochs: readonly number[];
  /** Whether `epochs` are what the files tell. */
  readonly told: boolean;
}

/** Names the compared files. */
export function fileNames(files: readonly ComparedFile[]): FileNames {
  const paths = files.map(({ path }) => path.replaceAll('\\', '/'));
  const names = paths.map((path) => visibleText(shortestName(path, paths)));
  const told = files.map(({ epoch }) => epoch);
  const rises = told.every(
    (epoch, at) => epoch !== null && epoch >= 0 && (at === 0 || epoch > (told[at - 1] ?? epoch)),
  );
  return {
    names,
    epochs: files.map(({ epoch }, at) => (rises ? (epoch ?? 0) : at + 1)),
    told: rises,
  };
}

/** `best.pt`; `a/best.pt` where another file is called so too. */
function shortestName(path: string, paths: readonly string[]): string {
  const parts = path.split('/');
  for (let count = 1; count < parts.length; count++) {
    const name = posix.join(...parts.slice(-count));
    const twins = paths.filter((other) => other === name || other.endsWith(`/${name}`));
    if (twins.length < 2) return name;
  }
  return path;
}

/** One column for each file but the first. */
export function columnViews(model: ComparedModel, files: FileNames): readonly ColumnView[] {
  return files.names.slice(1).map((name, pair) => {
    const cells = model.tensors.map(({ pairs }) => letterOf(pairs[pair])).join('');
    const epoch = files.epochs[pair + 1] ?? pair + 2;
    return {
      epoch,
      title: titleOf(files, epoch, name),
      cells,
      norms: '',
      details: detailsOf(model, pair, files, cells),
      text: `${name} compared with ${files.names[pair] ?? ''}: ${countWords(cells)}`,
    };
  });
}

/** Two files stand in the heading of the report. */
function titleOf({ names, told }: FileNames, epoch: number, name: string): string {
  if (names.length === 2) return '→';
  return told ? String(epoch) : name;
}

type Pairs = ComparedModel['tensors'][number]['pairs'];

function letterOf(pair: Pairs[number] | undefined): CellLetter {
  return pair === undefined ? 'n' : pairLetter(pair);
}

function detailsOf(
  model: ComparedModel,
  pair: number,
  files: FileNames,
  cells: string,
): ColumnView['details'] {
  const rows = PROBLEMS.flatMap((letter) =>
    [...cells.matchAll(new RegExp(letter, 'g'))].map(({ index }) => index),
  );
  return rows.slice(0, MOST_DETAILS).map((row) => [row, textOf(model, row, pair, files)]);
}

function textOf(model: ComparedModel, row: number, pair: number, { names }: FileNames): string {
  const found = model.tensors[row]?.pairs[pair];
  return found === undefined ? '' : pairText(found, names[pair] ?? '', names[pair + 1] ?? '');
}

/**
 * For tensors that differ somewhere, the first of their worst cells; in the order of the model. Of
 * very many the worst.
 */
export function problemViews(
  model: ComparedModel,
  columns: readonly ColumnView[],
  files: FileNames,
): readonly ProblemView[] {
  return worstRows(model.tensors.length, columns).map((row) => {
    const letters = columns.map(({ cells }) => cells.charAt(row));
    const worst = PROBLEMS.find((letter) => letters.includes(letter)) ?? 'n';
    const pair = letters.indexOf(worst);
    const epoch = columns[pair]?.epoch ?? 0;
    const when = columns.length === 1 ? '' : whenOf(columns[pair]);
    return { row, epoch, when, letter: worst, text: textOf(model, row, pair, files), source: '' };
  });
}

/** The tensors that a column shows as a problem, ascending. */
function worstRows(tensors: number, columns: readonly ColumnView[]): readonly number[] {
  const rows = new Map<CellLetter, number[]>(PROBLEMS.map((letter) => [letter, []]));
  worstCells(tensors, columns).forEach((letter, row) => rows.get(letter)?.push(row));
  const chosen = [...rows.values()].flat().slice(0, MOST_PROBLEMS);
  return chosen.sort((a, b) => a - b);
}

/** `epoch 3`, `best.pt`. */
function whenOf(column: ColumnView | undefined): string {
  if (column === undefined) return '';
  return column.title === String(column.epoch) ? `epoch ${column.title}` : column.title;
}

/** `12 intact, 58 changed, 2 equal`, from worst to best. */
export function countWords(letters: Iterable<string>): string {
  const counts = new Map<string, number>();
  for (const letter of letters) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return WORST_FIRST.flatMap((letter) => {
    const count = counts.get(letter);
    return count === undefined ? [] : [`${formatCount(count)} ${wordOf(letter)}`];
  }).join(', ');
}
