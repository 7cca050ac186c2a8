import { describe, expect, it } from 'vitest';
import { buildTree } from '../../../src/editor/tree/moduleTree';
import { walk, type TreeNode } from '../../../src/editor/tree/nodes';
import { compactCount, fullName, rowText, tiedNames } from '../../../src/editor/tree/rowText';
import type { ModelInfo } from '../../../src/model/inspection';
import { model, tensor } from './models';

function nodeOf(label: string, of: ModelInfo): TreeNode {
  const node = [...walk(buildTree([of, model('other', ['x'])]))].find(
    (each) => each.label === label,
  );
  if (node === undefined) throw new Error(`no node ${label}`);
  return node;
}

const net = model('net', [
  tensor('conv1/kernel', { shape: [3, 3, 1, 8], type: 'Conv2D' }),
  tensor('conv1/bias', { shape: [8], type: 'Conv2D' }),
  tensor('bn/moving_mean', { shape: [8], type: 'BatchNormalization' }),
  tensor('bn/moving_variance', { shape: [8], type: 'BatchNormalization' }),
]);

describe('rowText', () => {
  it('tells shape, dtype and elements of a parameter', () => {
    const state = { tensors: 1, frozen: 0, elements: 72, epochs: null };
    expect(rowText(nodeOf('kernel', net), state)).toEqual({
      description: '3×3×1×8 · float32 · 72',
      tooltip: 'conv1/kernel · 3×3×1×8 · float32 · Conv2D',
      spoken: 'kernel, not frozen, 3×3×1×8 · float32 · 72',
      checkbox: 'Freeze conv1/kernel',
    });
  });

  it('tells of a group how much is frozen, also to a screen reader', () => {
    const state = { tensors: 2, frozen: 1, elements: 1_234_567, epochs: null };
    const { description, spoken } = rowText(nodeOf('conv1', net), state);
    expect(description).toBe('1 of 2 frozen · 1.2 M · Conv2D');
    expect(spoken).toBe('conv1, partly frozen, 1 of 2 frozen · 1.2 M · Conv2D');
  });

  it('tells of a group of which nothing is frozen only its size', () => {
    const state = { tensors: 2, frozen: 0, elements: 80, epochs: null };
    expect(rowText(nodeOf('conv1', net), state).description).toBe('2 tensors · 80 · Conv2D');
  });

  it('tells the epochs of a window', () => {
    const leaf = { tensors: 1, frozen: 1, elements: 8, epochs: 'until 5' };
    expect(rowText(nodeOf('bias', net), leaf).description).toBe('frozen until 5 · 8 · float32 · 8');
    const group = { tensors: 2, frozen: 2, elements: 80, epochs: 'until 5' };
    expect(rowText(nodeOf('conv1', net), group).description).toBe(
      '2 of 2 frozen until 5 · 80 · Conv2D',
    );
  });

  it('names the statistics behind one checkbox in its tooltip', () => {
    const state = { tensors: 2, frozen: 2, elements: 16, epochs: null };
    const { tooltip, checkbox } = rowText(nodeOf('running statistics', net), state);
    expect(tooltip.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'bn/moving_mean',
      'bn/moving_variance',
    ]);
    expect(checkbox).toBe('Freeze running statistics of bn');
  });

  it('says what a tensor is tied with', () => {
    const tied = model('net', [tensor('encoder.weight', { aliases: ['decoder.weight'] })]);
    const state = { tensors: 1, frozen: 0, elements: 4, epochs: null };
    expect(rowText(nodeOf('weight', tied), state).description).toBe(
      '4 · float32 · 4 · tied with decoder.weight',
    );
  });

  it('says of which model a model is a copy', () => {
    const copy = { ...net, name: 'ema', copyOf: 'net' };
    const state = { tensors: 4, frozen: 0, elements: 96, epochs: null };
    expect(rowText(nodeOf('ema', copy), state).description).toBe(
      '4 tensors · 96 · Sequential · copy of net',
    );
  });
});

describe('fullName', () => {
  it('is the name as a rule would write it', () => {
    expect(fullName(nodeOf('kernel', net))).toBe('conv1/kernel');
    expect(fullName(nodeOf('conv1', net))).toBe('conv1');
    expect(fullName(nodeOf('net', net))).toBe('net');
  });
});

describe('tiedNames', () => {
  it('does not take the short name of a nested layer for another tensor', () => {
    const aliases = ['conv1/kernel', 'twin/conv1/kernel'];
    expect(tiedNames(tensor('backbone/conv1/kernel', { aliases }))).toEqual(['twin/conv1/kernel']);
  });
});

describe('compactCount', () => {
  it.each([
    [0, '0'],
    [72, '72'],
    [12_345, '12,345'],
    [99_999, '99,999'],
    [123_456, '123.5 K'],
    [1_200_000, '1.2 M'],
    [110_000_000, '110 M'],
    [7_000_000_000, '7 B'],
  ])('writes %d as %s', (count, text) => {
    expect(compactCount(count)).toBe(text);
  });
});
