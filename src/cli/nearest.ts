import { nearestWord } from '../freeze/nearest';

/** "Did you mean …?" for a mistyped word; empty when none of the known words is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const nearest = nearestWord(word, known);
  return nearest === undefined ? '' : `Did you mean ${nearest}? `;
}
