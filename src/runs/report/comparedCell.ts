import type { Expectation, PairVerdict } from '../../model/compare/comparison';
import type { CellLetter } from './reportView';

/** A cell of compared checkpoints; `-` where neither of the two files has the tensor. */
export type ComparedLetter = CellLetter | '-';

/** What a comparison found of a tensor between two files, as the letter of its cell. */
export function comparedLetter(verdict: PairVerdict, expected: Expectation): ComparedLetter {
  if (verdict.kind === 'unreadable') return 'n';
  if (verdict.kind === 'absent') return '-';
  return expected === 'frozen' ? frozenLetter(verdict) : otherLetter(verdict);
}

type Found = Exclude<PairVerdict, { readonly kind: 'unreadable' | 'absent' }>;

function frozenLetter({ kind }: Found): CellLetter {
  switch (kind) {
    case 'equal':
      return 'i';
    case 'different':
    case 'reshaped':
    case 'recast':
      return 'm';
    case 'gone':
      return 's';
    case 'new':
      return 'n';
  }
}

function otherLetter({ kind }: Found): CellLetter {
  switch (kind) {
    case 'equal':
      return 'e';
    case 'different':
      return 'c';
    case 'reshaped':
    case 'recast':
      return 'd';
    case 'gone':
      return 'g';
    case 'new':
      return 'v';
  }
}
