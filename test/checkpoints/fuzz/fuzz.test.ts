// Mutated files: listed or refused, soon, in little memory, and never anything run.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeFigures, fuzz } from './fuzz';
import { readSeeds } from './seeds';
import { tryCheckpoint } from './try';

const SECONDS = 20;
const MOST_MEMORY = 400 * 1024 * 1024;
const seeds = readSeeds(fileURLToPath(new URL('corpus', import.meta.url)));

describe('the readers', () => {
  it.each(seeds)('list $kind/$main as it is', (seed) => {
    expect(tryCheckpoint(seed)).toBe('listed');
  });

  it('survive mutated files', async () => {
    const figures = await fuzz({ seed: 6, from: 0, to: 1_000_000, seconds: SECONDS });
    console.log(describeFigures(figures));
    expect(figures.problems).toEqual([]);
    expect(figures.memory).toBeLessThan(MOST_MEMORY);
    expect(new Set(figures.files.keys())).toEqual(new Set(seeds.map(({ kind }) => kind)));
    expect(figures.outcomes.get('listed')).toBeGreaterThan(0);
    expect(figures.outcomes.get('refused at a place')).toBeGreaterThan(0);
  });
});
