import { expect, test } from 'vitest';
import {
  compareCheckpoints,
  type CompareOptions,
  type OpenedCheckpoint,
} from '../../../../src/model/compare/compare';
import type { StoredTensor } from '../../../../src/model/checkpoint/checkpoint';
import type { Comparison, Expectation } from '../../../../src/model/compare/comparison';
import { ConfigProblems } from '../../../../src/model/compare/configProblems';
import { comparisonVerdict } from '../../../../src/model/compare/verdict';
import type { Inspection, TensorInfo } from '../../../../src/model/inspection';
import { allTensors, checkpoint, compareTensors, floats, model, storageOf, tensor } from './craft';

const config = (...freeze: unknown[]): CompareOptions['config'] => ({
  file: 'permafrost.json',
  text: JSON.stringify({ freeze }),
});

const expectedOf = (comparison: Comparison): Record<string, Expectation[]> =>
  Object.fromEntries(
    allTensors(comparison).map(({ name, pairs }) => [name, pairs.map(({ expected }) => expected)]),
  );

/** The same tensor saved after each of the epochs. */
const saved = (epochs: readonly (number | null)[], rule: unknown): Comparison =>
  compareCheckpoints(
    epochs.map((epoch, at): OpenedCheckpoint => ({
      path: `${'abcdef'[at] ?? ''}.pt`,
      checkpoint: checkpoint([model([floats('x', 1)])], { epoch }),
    })),
    { config: config(rule), inspection: null },
  );

const windows: [unknown, (number | null)[], Expectation[]][] = [
  [{ match: 'x' }, [null, 3], ['frozen']],
  [{ match: 'x', until: 5 }, [0, 4, 5, 9, 12], ['frozen', 'partly', 'trainable', 'trainable']],
  [{ match: 'x', from: 6 }, [0, 4, 5, 6, 9], ['trainable', 'partly', 'frozen', 'frozen']],
  [{ match: 'x', from: 2, until: 4 }, [0, 9], ['partly']],
  // Who counts from 0 and who counts from 1 writes the same file: the end of a window is doubtful.
  [{ match: 'x', until: 5 }, [2, 5], ['partly']],
  [{ match: 'x', until: 5 }, [null, 3], ['partly']],
  [{ match: 'x', until: 5, freeze: false }, [1, 3], ['trainable']],
];
test.each(windows)('%j between the epochs %j: %j', (rule, epochs, wanted) => {
  expect(expectedOf(saved(epochs, rule))).toEqual({ x: wanted });
});

test('spans of several rules that follow each other are one', () => {
  const comparison = compareCheckpoints(
    [0, 8].map((epoch, at) => ({
      path: `${String(at)}.pt`,
      checkpoint: checkpoint([model([floats('x', 1)])], { epoch }),
    })),
    { config: config({ match: 'x', until: 4 }, { match: '*', from: 5 }), inspection: null },
  );
  expect(expectedOf(comparison)).toEqual({ x: ['frozen'] });
  expect(comparison.config?.matched).toEqual([1, 1]);
  expect(allTensors(comparison)[0]?.rule).toBe(0);
});

test('a config that is not valid, and a rule that matches nothing, are refused before reading', () => {
  const files = [[floats('layer.weight', 1)], [floats('layer.weight', 1)]];
  const compare = (text: string): Comparison =>
    compareTensors(files, { config: { file: 'permafrost.json', text } });
  expect(() => compare('{')).toThrow(ConfigProblems);
  expect(() => compare('{"freeze": ["layr.weight"]}')).toThrow(
    'permafrost.json:1:13: error: "layr.weight" matches no tensor. Did you mean "layer.weight"?',
  );
});

const info = (name: string, more: Partial<TensorInfo>): TensorInfo => ({
  ...{ name, kind: 'parameter', module: 'bn', type: 'BatchNorm2d', dtype: 'float32', shape: [1] },
  ...more,
});
const inspection = (...tensors: TensorInfo[]): Inspection => ({
  ...{ version: 1, framework: 'pytorch', source: 'python train.py', time: 0 },
  models: [{ name: 'net', className: 'ResNet', tensors }],
});

test('classes, kinds and further names are borrowed from the inspection', () => {
  const lender = inspection(
    info('bn.weight', { aliases: ['tied.weight'] }),
    info('bn.scale', { kind: 'statistic' }),
  );
  const files = [
    [floats('bn.weight', 1), floats('bn.scale', 1)],
    [floats('bn.weight', 1), floats('bn.scale', 1)],
  ];
  const rules = config(
    { match: '**', type: 'BatchNorm*', tensors: 'statistics', model: 'ResNet' },
    'tied.*',
  );
  const comparison = compareTensors(files, { config: rules, inspection: lender });
  expect(comparison.config).toMatchObject({ matched: [1, 1], typesFrom: 'python train.py' });
  expect(comparison.models[0]).toMatchObject({
    className: 'ResNet',
    tensors: [
      { name: 'bn.weight', kind: 'parameter', type: 'BatchNorm2d', rule: 1 },
      { name: 'bn.scale', kind: 'statistic', type: 'BatchNorm2d', rule: 0 },
    ],
  });
  const stranger = inspection(info('other.weight', {}));
  expect(() => compareTensors(files, { config: rules, inspection: stranger })).toThrow(
    ConfigProblems,
  );
});

test('a rule for another model of the project is not dead', () => {
  const project = inspection(info('x', {}));
  const both: Inspection = {
    ...project,
    models: [
      ...project.models,
      { name: 'critic', className: 'Critic', tensors: [info('y', { module: '' })] },
    ],
  };
  const files = [[floats('x', 1)], [floats('x', 1)]];
  const rules = config('x', { match: '**', model: 'Critic' });
  const comparison = compareTensors(files, { config: rules, inspection: both });
  expect(comparison.config?.matched).toEqual([1, 0]);
});

test('nothing is asked of copies', () => {
  const file = (number: number): ReturnType<typeof checkpoint> =>
    checkpoint([
      model([floats('x', 1)]),
      model([floats('x', number)], { name: 'ema', copyOf: 'model' }),
    ]);
  const comparison = compareCheckpoints(
    [1, 2].map((number) => ({ path: `${String(number)}.pt`, checkpoint: file(number) })),
    { config: config('x'), inspection: null },
  );
  expect(comparison.models.map((each) => each.tensors[0]?.pairs[0]?.expected)).toEqual([
    'frozen',
    'unknown',
  ]);
  expect(comparisonVerdict(comparison)).toEqual({ kind: 'intact', tensors: 1, by: 'bytes' });
});

const verdict = (
  before: StoredTensor[],
  after: StoredTensor[],
  rules: CompareOptions['config'] = null,
): unknown => comparisonVerdict(compareTensors([before, after], { config: rules }));
const unread = tensor('x', 'float32', [2], storageOf(new Uint8Array(4)));
const summed = (sum: number): StoredTensor =>
  tensor('x', 'int8', [4], storageOf(new Uint8Array(4), sum));

test('the verdict without rules', () => {
  const x = [floats('x', 1)];
  expect(verdict(x, x)).toEqual({ kind: 'equal', tensors: 1, by: 'bytes' });
  expect(verdict([summed(1)], [summed(1)])).toEqual({ kind: 'equal', tensors: 1, by: 'crc32' });
  expect(verdict([unread], [unread])).toMatchObject({ kind: 'not verified', tensors: 1 });
  expect(verdict(x, [floats('x', 2)])).toEqual({ kind: 'different', tensors: 1 });
  expect(verdict(x, [])).toEqual({ kind: 'different', tensors: 1 });
  expect(verdict([], x)).toEqual({ kind: 'different', tensors: 1 });
});

test('the verdict by the rules, worst first', () => {
  const [x, y] = [floats('x', 1), floats('y', 1)];
  expect(verdict([x, y], [x, floats('y', 2)], config('x'))).toEqual({
    ...{ kind: 'intact', tensors: 1, by: 'bytes' },
  });
  expect(verdict([summed(1)], [summed(1)], config('x'))).toMatchObject({ by: 'crc32' });
  for (const after of [[y, floats('x', 2)], [y, floats('x', 1, 2)], [y]]) {
    expect(verdict([x, y], after, config('*'))).toEqual({ kind: 'moved', tensors: 1 });
  }
  expect(verdict([unread, y], [unread, y], config('*'))).toMatchObject({
    ...{ kind: 'not verified', tensors: 1 },
  });
  expect(verdict([y], [x, y], config('*'))).toEqual({
    ...{ kind: 'not verified', tensors: 1, reason: 'an earlier file does not have it' },
  });
  expect(verdict([x], [x], config('x', '!x'))).toEqual({ kind: 'nothing frozen' });
  expect(verdict([x], [x], config({ match: 'x', until: 2 }))).toMatchObject({
    ...{ kind: 'not verified', tensors: 1 },
  });
});
