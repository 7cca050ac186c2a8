import { describe, expect, it } from 'vitest';
import { parseConfig, type Rule } from '../../../src/freeze/config';
import { applyConfigEdits, removeRules } from '../../../src/freeze/edit';
import { overriddenRules } from '../../../src/freeze/overriddenRules';
import { planModel } from '../../../src/freeze/plan';
import { digits, Random, randomModel } from './models';

const rulesOf = (text: string): readonly Rule[] => parseConfig(text).config?.rules ?? [];
const told = (freeze: readonly unknown[], models = [digits]): readonly string[] =>
  overriddenRules(rulesOf(JSON.stringify({ freeze })), models).map(({ text }) => text);

describe('overriddenRules', () => {
  it('tells rules that stand there again', () => {
    expect(told(['conv1.**', 'dense.**', 'conv1.**'])).toEqual([
      '"conv1.**" is there again in line 1.',
    ]);
    expect(told(['a', { match: 'a' }], [])).toEqual(['"a" is there again in line 1.']);
    expect(told(['a', { match: 'a', type: 'b' }], [])).toEqual([]);
  });

  it('tells rules that later ones override wholly', () => {
    expect(told(['conv1.**', '**'])).toEqual([
      '"conv1.**" has no effect: later rules decide about everything it matches, such as "**" in line 1.',
    ]);
    expect(told(['conv1.**', '!**'])).toHaveLength(1);
    expect(told(['conv1.**', { match: '**', from: 2 }])).toEqual([]);
    expect(told(['**', 'conv1.**'])).toEqual([]);
  });

  it('leaves to others what matches nothing, thaws or has a window', () => {
    expect(told(['nothing', '**'])).toEqual([]);
    expect(told(['!conv1.**', '**'])).toEqual([]);
    expect(told([{ match: 'conv1.**', until: 2 }, '**'])).toEqual([]);
  });

  it.each(Array.from({ length: 200 }, (_, seed) => seed))(
    'tells what can all be taken out at once without a change, seed %i',
    (seed) => {
      const random = new Random(seed);
      const model = randomModel(random, 'net', random.pick(['.', '/']));
      const names = model.tensors.map(({ name }) => name.replace(/[^./\w].*$/, '**'));
      const freeze = Array.from({ length: 1 + random.below(8) }, () => {
        const match = random.pick(['**', 'a.**', '**.bias', '**.weight', ...names]) || '**';
        if (random.chance(0.3)) return `!${match}`;
        return random.chance(0.2) ? { match, from: 1 + random.below(4) } : match;
      });
      const text = JSON.stringify({ freeze });
      const rules = rulesOf(text);
      const offsets = new Set(overriddenRules(rules, [model]).map(({ offset }) => offset));
      const removed = rules.flatMap(({ place }, at) => (offsets.has(place.offset) ? [at] : []));
      const after = rulesOf(applyConfigEdits(text, removeRules(text, removed)));
      const frozen = (each: readonly Rule[]): unknown =>
        [...planModel(each, model).spans].map(([name, spans]) => [
          name,
          spans.map(({ from, until }) => [from, until]),
        ]);
      expect(frozen(after)).toEqual(frozen(rules));
    },
  );
});
