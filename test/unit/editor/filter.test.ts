import { describe, expect, it } from 'vitest';
import { filterModels } from '../../../src/editor/tree/filter';
import { PatternError } from '../../../src/freeze/pattern';
import { model, tensor } from './models';

const models = [
  model('G', ['conv1.weight', 'conv10.weight', 'head.Bias']),
  model('D', [tensor('encoder.weight', { aliases: ['decoder.weight'] })]),
];

function filtered(text: string): readonly string[] {
  return filterModels(models, text).flatMap(({ name, tensors }) =>
    tensors.map((each) => `${name}:${each.name}`),
  );
}

describe('filterModels', () => {
  it('lets through what has the text anywhere in its name, in any case', () => {
    expect(filtered('conv1')).toEqual(['G:conv1.weight', 'G:conv10.weight']);
    expect(filtered('BIAS')).toEqual(['G:head.Bias']);
  });

  it('takes a text with special characters as the pattern of a rule', () => {
    expect(filtered('conv1.*')).toEqual(['G:conv1.weight']);
    expect(filtered('**/weight')).toHaveLength(3);
  });

  it('finds a tied tensor by any of its names', () => {
    expect(filtered('decoder')).toEqual(['D:encoder.weight']);
  });

  it('leaves out models without a match', () => {
    expect(filterModels(models, 'head').map(({ name }) => name)).toEqual(['G']);
  });

  it('shows all for a blank text', () => {
    expect(filterModels(models, '  ')).toBe(models);
  });

  it('throws for a pattern that is not valid', () => {
    expect(() => filterModels(models, 'conv[')).toThrow(PatternError);
  });
});
