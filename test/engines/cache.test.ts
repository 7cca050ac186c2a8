// The frozen prefix computed once, on TensorFlow's own library.
import { describe, expect, it } from 'vitest';
import { eventsOf, runHooked, type Result } from '../hook/runScript';
import { installEngine } from '../../scripts/install-engine.mjs';

const outcome = await installEngine(console.log);
if (!outcome.ok) console.log(`skipped: ${outcome.reason}`);

/** All numbers that a training left behind, in their order. */
function numbers(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(numbers);
}

describe.runIf(outcome.ok)('the cache on tfjs-node', () => {
  const train = (way: string, cache: string, freeze: readonly string[]): Promise<Result> =>
    runHooked('cache-fit.cjs', {
      args: way.split(' '),
      config: { freeze, cache, engine: 'node' },
      env: { PERMAFROST_ENGINE_HOMES: outcome.ok ? outcome.home : '' },
    });

  it.each([
    ['sequential valid', ['conv1/*', 'bn1/*', 'hidden/*']],
    ['functional split', ['conv1/*', 'bn1/*']],
    ['sequential dataset', ['conv1/*', 'bn1/*']],
  ])('%s gives what it gives without, within 1e-5', async (way, freeze) => {
    const [without, result] = [await train(way, 'off', freeze), await train(way, 'on', freeze)];
    expect(eventsOf(result, 'engine')[0]?.backend).toBe('tensorflow');
    expect(eventsOf(result, 'cache').map(({ state }) => state)).toEqual(['used', 'used', 'used']);
    const [theirs, ours] = [without, result].map(({ stdout }) => numbers(JSON.parse(stdout)));
    expect(ours).toHaveLength(theirs?.length ?? 0);
    expect(ours?.length).toBeGreaterThan(50);
    const apart = (ours ?? []).map((each, at) => {
      const other = theirs?.[at] ?? NaN;
      return Math.abs(each - other) / Math.max(1e-3, Math.abs(other));
    });
    expect(Math.max(...apart)).toBeLessThan(1e-5);
  });
});
