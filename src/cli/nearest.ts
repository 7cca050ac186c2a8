import { closest, distance } from 'fastest-levenshtein';

/** "Did you mean …?" for a mistyped word; empty when none of the known words is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const nearest = closest(word, known);
  const near = distance(word, nearest) <= Math.max(2, Math.floor(nearest.length / 3));
  return near ? `Did you mean ${nearest}? ` : '';
}
