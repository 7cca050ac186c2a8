import type { CellLetter, ColumnView, Tone } from './reportView';
import type { ModelState } from '../state';
import { percent } from '../words/units';
import { formatCount } from '../words/words';

/** `14 of 20 tensors frozen; 330 of 1,186 parameters train (27.8%).` Parameters in elements. */
export function summaryOf({
  tensors,
  frozen,
  trainableBefore,
  trainableAfter,
}: ModelState): string {
  if (tensors.length === 0) return 'The model was not described, so nothing of it can be shown.';
  const count = Object.values(frozen).filter((spans) => spans.length > 0).length;
  const train =
    trainableBefore === trainableAfter
      ? `all ${formatCount(trainableBefore)} parameters train`
      : `${formatCount(trainableAfter)} of ${formatCount(trainableBefore)} parameters train (${percent(trainableAfter, trainableBefore)})`;
  return `${formatCount(count)} of ${formatCount(tensors.length)} tensors frozen; ${train}.`;
}

/** The worst that happened to a model, in words and as a tone. */
export function standingOf(
  model: ModelState,
  columns: readonly ColumnView[],
): { readonly standing: string; readonly tone: Tone } {
  const worst = worstCells(model.tensors.length, columns);
  const count = (letters: string): number =>
    worst.filter((letter) => letters.includes(letter)).length;
  const told = (number: number, word: string): string => `${formatCount(number)} ${word}`;
  const moved = count('m');
  if (moved > 0) return { standing: told(moved, 'moved'), tone: 'moved' };
  const unverified = count('psn');
  if (unverified > 0) return { standing: told(unverified, 'not verified'), tone: 'not verified' };
  const intact = count('ib');
  if (intact > 0) return { standing: told(intact, 'intact'), tone: 'intact' };
  if (count('w') > 0) return { standing: 'no verdict yet', tone: 'running' };
  return { standing: 'nothing frozen', tone: 'nothing frozen' };
}

/** From worst to best. */
export const WORST_FIRST: readonly CellLetter[] = [
  ...(['m', 's', 'p', 'n', 'b', 'd', 'g', 'v', 'c', 'e', 'i', 'x', 'w', 't'] as const),
];

/** The worst cell of each tensor over all epochs, in the order of the model. */
export function worstCells(tensors: number, columns: readonly ColumnView[]): readonly CellLetter[] {
  const ranks = new Uint8Array(tensors).fill(WORST_FIRST.length - 1);
  const rankOf = new Map<string, number>(WORST_FIRST.map((letter, rank) => [letter, rank]));
  for (const { cells } of columns) {
    for (let row = 0; row < tensors; row++) {
      const rank = rankOf.get(cells.charAt(row)) ?? 0;
      if (rank < (ranks[row] ?? 0)) ranks[row] = rank;
    }
  }
  return Array.from(ranks, (rank) => WORST_FIRST[rank] ?? 'n');
}
