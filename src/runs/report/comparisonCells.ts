import type { ComparedTensor } from '../../model/compare/comparison';
import { pairDetails } from '../words/comparisonWords';
import { visibleText } from '../words/visibleText';
import type { CellLetter } from './reportView';

export type ComparedPair = ComparedTensor['pairs'][number];

/** The cell of a tensor between two files, with what the rules expect of it. */
export function pairLetter({ verdict, expected }: ComparedPair): CellLetter {
  const frozen = expected === 'frozen';
  switch (verdict.kind) {
    case 'equal':
      return frozen ? 'i' : 'e';
    case 'different':
      return frozen ? 'm' : 'c';
    case 'gone':
      return frozen ? 's' : 'g';
    case 'new':
      return frozen ? 'n' : 'v';
    case 'absent':
      return frozen ? 'n' : 'x';
    case 'reshaped':
    case 'recast':
      return frozen ? 'm' : 'd';
    case 'unreadable':
      return 'n';
  }
}

/**
 * What was found, without the verdict's own word: `12 elements, max |Δ| 3.1e-2, relative L2
 * 1.2e-3`; empty when the word says it all.
 * @param before name of the earlier file
 * @param after name of the later one
 */
export function pairText({ verdict }: ComparedPair, before: string, after: string): string {
  if (verdict.kind === 'gone') return `only in ${before}`;
  if (verdict.kind === 'new') return `only in ${after}`;
  return visibleText(pairDetails(verdict));
}
