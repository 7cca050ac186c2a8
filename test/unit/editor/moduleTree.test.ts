import { describe, expect, it } from 'vitest';
import { buildTree } from '../../../src/editor/tree/moduleTree';
import { isGroup, tensorsOf, walk, type TreeNode } from '../../../src/editor/tree/nodes';
import { model, tensor } from './models';

/** The tree as nested lists of labels. */
function labels(nodes: readonly TreeNode[]): readonly unknown[] {
  return nodes.map((node) => (isGroup(node) ? [node.label, labels(node.children)] : node.label));
}

describe('buildTree', () => {
  it('makes a hierarchy of the parts of names, separated by points or slashes', () => {
    const names = ['features.0.weight', 'features.0.bias', 'features.1.weight', 'head/kernel'];
    expect(labels(buildTree([model('net', names)]))).toEqual([
      [
        'features',
        [
          ['0', ['weight', 'bias']],
          ['1', ['weight']],
        ],
      ],
      ['head', ['kernel']],
    ]);
  });

  it('joins a path without branches on one row, with the separators of the name', () => {
    const [node] = buildTree([model('net', ['a.b/c.weight', 'a.b/c.bias'])]);
    expect(node?.label).toBe('a.b/c');
    expect(node !== undefined && isGroup(node) && node.path).toBe('a.b/c');
  });

  it('does not join a module that has tensors of its own', () => {
    expect(labels(buildTree([model('net', ['a.scale', 'a.b.weight'])]))).toEqual([
      ['a', ['scale', ['b', ['weight']]]],
    ]);
  });

  it('shows the statistics of a module as one row under their layer', () => {
    const names = ['bn/gamma', 'bn/moving_mean', 'bn/moving_variance'];
    const [bn] = buildTree([model('net', names)]);
    expect(labels(bn === undefined ? [] : [bn])).toEqual([['bn', ['gamma', 'running statistics']]]);
    const statistics = bn !== undefined && isGroup(bn) ? bn.children[1] : undefined;
    expect(statistics && tensorsOf(statistics).map(({ name }) => name)).toEqual([
      'bn/moving_mean',
      'bn/moving_variance',
    ]);
  });

  it('keeps the statistics of two modules apart', () => {
    const names = ['a.bn1.running_mean', 'a.bn2.running_mean', 'a.bn1.running_var'];
    expect(labels(buildTree([model('net', names)]))).toEqual([
      [
        'a',
        [
          ['bn1', ['running statistics']],
          ['bn2', ['running statistics']],
        ],
      ],
    ]);
  });

  it('calls other buffers statistics only', () => {
    const buffer = tensor('attention.mask', { kind: 'statistic' });
    expect(labels(buildTree([model('net', [buffer])]))).toEqual([['attention', ['statistics']]]);
  });

  it('puts a tensor without a module at the top', () => {
    expect(labels(buildTree([model('net', ['scale'])]))).toEqual(['scale']);
  });

  it('keeps a tensor and a module of the same name apart', () => {
    const tree = buildTree([model('net', ['a', 'a.b'])]);
    expect(labels(tree)).toEqual(['a', ['a', ['b']]]);
    const ids = [...walk(tree)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has a root for each model when there are several, with ids that do not clash', () => {
    const tree = buildTree([model('G', ['conv.weight']), model('D', ['conv.weight'])]);
    expect(labels(tree)).toEqual([
      ['G', [['conv', ['weight']]]],
      ['D', [['conv', ['weight']]]],
    ]);
    const ids = [...walk(tree)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('gives every node its parent, so that it can be revealed', () => {
    const tree = buildTree([model('G', ['a.b.weight', 'a.c.weight']), model('D', ['x'])]);
    for (const node of walk(tree)) {
      const siblings = node.parent === null ? tree : node.parent.children;
      expect(siblings).toContain(node);
    }
  });

  it('keeps ids when the model is inspected again', () => {
    const ids = (): readonly string[] =>
      [...walk(buildTree([model('net', ['a.b.weight', 'a.c.running_mean'])]))].map(({ id }) => id);
    expect(ids()).toEqual(ids());
  });

  it('splits a group of more than 2,000 children and loses none', () => {
    const names = Array.from({ length: 2500 }, (_, index) => `block.w${String(index)}`);
    const [block] = buildTree([model('net', names)]);
    const ranges = block !== undefined && isGroup(block) ? block.children : [];
    expect(ranges.map(({ label }) => label)).toEqual([
      'w0 … w999',
      'w1000 … w1999',
      'w2000 … w2499',
    ]);
    expect(ranges.flatMap(tensorsOf).map(({ name }) => name)).toEqual(names);
  });

  it('does not split a group of 2,000 children', () => {
    const names = Array.from({ length: 2000 }, (_, index) => `block.w${String(index)}`);
    const [block] = buildTree([model('net', names)]);
    expect(block !== undefined && isGroup(block) && block.children.length).toBe(2000);
  });

  it('knows the class of a layer', () => {
    const kernel = tensor('conv1/kernel', { type: 'Conv2D' });
    const [conv] = buildTree([model('net', [kernel])]);
    expect(conv !== undefined && isGroup(conv) && conv.type).toBe('Conv2D');
  });
});
