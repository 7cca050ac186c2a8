import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/editor/tree/freezeState';
import { buildTree } from '../../../src/editor/tree/moduleTree';
import { isGroup, isNorm, tensorsOf, walk, type TreeNode } from '../../../src/editor/tree/nodes';
import { rowText } from '../../../src/editor/tree/rowText';
import type { ModelInfo, TensorInfo } from '../../../src/model/inspection';
import { model, tensor } from './models';

const STATISTICS = ['running_mean', 'running_var', 'num_batches_tracked'];

function batchNorm(module: string): TensorInfo[] {
  const own = { module, type: 'BatchNorm2d' };
  return [
    ...['weight', 'bias'].map((part) => tensor(`${module}.${part}`, own)),
    ...STATISTICS.map((part) => tensor(`${module}.${part}`, { ...own, kind: 'statistic' })),
  ];
}

function find(roots: readonly TreeNode[], id: string): TreeNode {
  const found = [...walk(roots)].find((node) => node.id.endsWith(id));
  if (found === undefined) throw new Error(`no node ${id}`);
  return found;
}

function description(roots: readonly TreeNode[], id: string): string {
  const node = find(roots, id);
  const state = evaluate(roots, new Map()).get(node);
  if (state === undefined) throw new Error(`no state of ${id}`);
  return rowText(node, state).description;
}

/** The names of a transformer as the library of Hugging Face gives them. */
function bert(layers: number): ModelInfo {
  const linear = (module: string): TensorInfo[] =>
    ['weight', 'bias'].map((part) => tensor(`${module}.${part}`, { type: 'Linear' }));
  return model('model', [
    tensor('bert.embeddings.position_ids', { kind: 'statistic', type: 'BertEmbeddings' }),
    tensor('bert.embeddings.word_embeddings.weight', {
      type: 'Embedding',
      aliases: ['cls.predictions.decoder.weight'],
    }),
    ...Array.from({ length: layers }, (_, index) => `bert.encoder.layer.${String(index)}`).flatMap(
      (layer) => [
        ...['query', 'key', 'value'].flatMap((part) => linear(`${layer}.attention.self.${part}`)),
        ...linear(`${layer}.attention.output.dense`),
        ...linear(`${layer}.attention.output.LayerNorm`),
        ...linear(`${layer}.intermediate.dense`),
        ...linear(`${layer}.output.dense`),
      ],
    ),
    tensor('cls.predictions.bias'),
  ]);
}

describe('the tree of a PyTorch model', () => {
  it('has one row for the running statistics of a BatchNorm, counters included', () => {
    const roots = buildTree([model('net', batchNorm('layer1.0.bn1'))]);
    const norm = find(roots, 'm:layer1.0.bn1');
    expect(isGroup(norm) && norm.children.map(({ label }) => label)).toEqual([
      'weight',
      'bias',
      'running statistics',
    ]);
    const statistics = find(roots, 's:layer1.0.bn1.running_mean');
    expect(tensorsOf(statistics).map(({ name }) => name)).toEqual(
      STATISTICS.map((part) => `layer1.0.bn1.${part}`),
    );
  });

  it('marks layers with running statistics, and no others', () => {
    const roots = buildTree([
      model('net', [...batchNorm('bn1'), tensor('fc.weight'), ...bert(1).tensors]),
    ]);
    expect([...walk(roots)].filter(isNorm).map(({ label }) => label)).toEqual(['bn1']);
    expect(description(roots, 'm:bn1')).toBe('5 tensors · 20 · BatchNorm2d');
  });

  it('keeps a transformer of 170 modules legible: few rows at each level', () => {
    const roots = buildTree([bert(24)]);
    expect(roots.map(({ label }) => label)).toEqual(['bert', 'cls.predictions']);
    const encoder = find(roots, 'm:bert.encoder.layer');
    expect(encoder.label).toBe('encoder.layer');
    const widest = [...walk(roots)].map((node) => (isGroup(node) ? node.children.length : 0));
    expect(Math.max(...widest)).toBe(24);
    expect(isGroup(encoder) && encoder.children.map(({ label }) => label).slice(9, 12)).toEqual([
      '9',
      '10',
      '11',
    ]);
  });

  it('shows tied weights once, with their other names', () => {
    const roots = buildTree([bert(1)]);
    expect(description(roots, 'p:bert.embeddings.word_embeddings.weight')).toContain(
      'tied with cls.predictions.decoder.weight',
    );
  });

  it('does not take the short name of a wrapped model for a tied weight', () => {
    const wrapped = tensor('net.fc.weight', { aliases: ['fc.weight'] });
    expect(description(buildTree([model('task', [wrapped])]), 'p:net.fc.weight')).not.toContain(
      'tied',
    );
  });

  it('has a root for each model, and says which are copies', () => {
    const generator = model('generator', ['main.0.weight']);
    const critic = model('critic', ['main.0.weight']);
    const ema = { ...model('ema', ['main.0.weight']), copyOf: 'generator' };
    const roots = buildTree([generator, critic, ema]);
    expect(roots.map(({ label }) => label)).toEqual(['generator', 'critic', 'ema']);
    expect(new Set([...walk(roots)].map(({ id }) => id)).size).toBe(9);
    expect(description(roots, '2:ema|')).toContain('copy of generator');
    expect(description(roots, '0:generator|')).not.toContain('copy');
  });
});
