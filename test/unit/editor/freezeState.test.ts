import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/freeze/config';
import { planModel, type ModelPlan } from '../../../src/freeze/plan';
import type { ModelInfo } from '../../../src/model/inspection';
import {
  changedNodes,
  epochsText,
  evaluate,
  type NodeState,
} from '../../../src/editor/tree/freezeState';
import { frozenShare } from '../../../src/editor/tree/frozenShare';
import { buildTree } from '../../../src/editor/tree/moduleTree';
import { walk } from '../../../src/editor/tree/nodes';
import { model, tensor } from './models';

const net = model('net', [
  tensor('conv.weight', { shape: [3, 3, 8] }),
  tensor('conv.bias', { shape: [8] }),
  tensor('bn.running_mean'),
  tensor('bn.running_var'),
  tensor('head.weight', { shape: [] }),
]);

function plan(freeze: readonly unknown[], of: ModelInfo = net): ModelPlan {
  const { config } = parseConfig(JSON.stringify({ freeze }));
  if (config === null) throw new Error('the rules are not valid');
  return planModel(config.rules, of);
}

function stateOf(label: string, freeze: readonly unknown[]): NodeState | undefined {
  const roots = buildTree([net]);
  const states = evaluate(roots, new Map([['net', plan(freeze)]]));
  const node = [...walk(roots)].find((each) => each.label === label);
  return node && states.get(node);
}

describe('evaluate', () => {
  it('counts tensors, frozen ones and elements of a group', () => {
    expect(stateOf('conv', ['conv.bias'])).toEqual({
      tensors: 2,
      frozen: 1,
      elements: 80,
      epochs: null,
    });
  });

  it('counts a scalar as one element', () => {
    expect(stateOf('head', [])?.elements).toBe(1);
  });

  it('takes both statistics of a module as frozen when a rule names one', () => {
    expect(stateOf('running statistics', ['bn.running_mean'])?.frozen).toBe(2);
  });

  it('tells the epochs of a window, and of a group only when its tensors share them', () => {
    expect(stateOf('conv', [{ match: 'conv.*', until: 5 }])?.epochs).toBe('until 5');
    const different = [{ match: 'conv.weight', until: 5 }, 'conv.bias'];
    expect(stateOf('conv', different)?.epochs).toBe('in some epochs');
  });
});

describe('epochsText', () => {
  it.each([
    [[{ from: 1, until: null, rule: 0 }], null],
    [[{ from: 1, until: 5, rule: 0 }], 'until 5'],
    [[{ from: 3, until: null, rule: 0 }], 'from 3'],
    [[{ from: 2, until: 4, rule: 0 }], 'in 2–4'],
    [[{ from: 2, until: 2, rule: 0 }], 'in 2'],
    [
      [
        { from: 1, until: 2, rule: 0 },
        { from: 6, until: null, rule: 1 },
      ],
      'until 2, from 6',
    ],
  ])('says %j as %s', (spans, text) => {
    expect(epochsText(spans)).toBe(text);
  });
});

describe('changedNodes', () => {
  const roots = buildTree([net]);
  const states = (freeze: readonly unknown[]): ReturnType<typeof evaluate> =>
    evaluate(roots, new Map([['net', plan(freeze)]]));
  const changed = (before: readonly unknown[], after: readonly unknown[]): readonly string[] =>
    changedNodes(roots, states(before), states(after)).map(({ label }) => label);

  it('names the topmost nodes that look different', () => {
    expect(changed([], ['conv.bias'])).toEqual(['conv']);
    expect(changed([], ['**'])).toEqual(['conv', 'bn', 'head']);
  });

  it('names a child when its parent looks the same', () => {
    expect(changed(['conv.bias'], ['conv.weight'])).toEqual(['weight', 'bias']);
  });

  it('names nothing when a rule is only written in another way', () => {
    expect(changed(['conv.**'], ['conv.bias', 'conv.weight'])).toEqual([]);
  });
});

describe('frozenShare', () => {
  it('tells elements of parameters, not of statistics or copies', () => {
    const copy = { ...net, name: 'copy', copyOf: 'net' };
    expect(frozenShare([net, copy], [plan(['conv.**', 'bn.**']), plan(['**'], copy)])).toBe(
      '80 of 81 parameters frozen',
    );
  });

  it('counts what is frozen when training begins', () => {
    expect(frozenShare([net], [plan([{ match: '**', from: 2 }])])).toBe(
      '0 of 81 parameters frozen',
    );
  });

  it('says nothing without parameters', () => {
    expect(frozenShare([], [])).toBeUndefined();
  });
});
