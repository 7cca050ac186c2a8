import { distance } from 'fastest-levenshtein';
import { describe, expect, it } from 'vitest';
import { nearestNames, nearestWord } from '../../../src/freeze/nearest';
import { Random } from './models';

/** As it is defined: all distances, sorted. */
const slowly = (word: string, names: readonly string[], count: number): string[] =>
  names
    .map((name) => ({ name, edits: distance(word.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, count)
    .map(({ name }) => name);

describe('nearestNames', () => {
  it('gives the nearest first, of equally near ones the first', () => {
    const random = new Random(7);
    const text = (): string =>
      Array.from({ length: random.below(12) }, () =>
        random.pick(['a', 'b', 'A', 'B', '.', '\u0130']),
      ).join('');
    for (let round = 0; round < 500; round += 1) {
      const names = Array.from({ length: random.below(30) }, text);
      const word = text();
      const count = random.below(5);
      expect(nearestNames(word, names, count), word).toEqual(slowly(word, names, count));
    }
  });

  it('knows which word was meant', () => {
    expect(nearestWord('onmove', ['onMove', 'freeze'])).toBe('onMove');
    expect(nearestWord('xxxxxx', ['onMove', 'freeze'])).toBeUndefined();
    expect(nearestWord('a', [])).toBeUndefined();
  });
});
