import type { Comparison } from '../../model/compare/comparison';
import { comparisonVerdict } from '../../model/compare/verdict';

/**
 * The exit code of a comparison: 0 where all that must be equal is, 3 where something frozen is
 * not, 1 for a difference without rules, 2 where it cannot be told.
 */
export function verdictCode(comparison: Comparison): number {
  switch (comparisonVerdict(comparison).kind) {
    case 'moved':
      return 3;
    case 'not verified':
      return 2;
    case 'different':
      return 1;
    case 'equal':
    case 'intact':
    case 'nothing frozen':
      return 0;
  }
}
