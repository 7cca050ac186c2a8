import { expect, test } from 'vitest';
import { compareCheckpoints } from '../../../../src/model/compare/compare';
import type { StoredModel } from '../../../../src/model/checkpoint/checkpoint';
import { inOrderOfTime } from '../../../../src/model/compare/series';
import { allTensors, checkpoint, compareTensors, floats, model, verdictsOf } from './craft';

const EQUAL = { kind: 'equal', by: 'bytes' };
const compareModels = (...files: StoredModel[][]): ReturnType<typeof compareCheckpoints> =>
  compareCheckpoints(
    files.map((models, at) => ({
      path: `${String.fromCharCode(97 + at)}.pt`,
      checkpoint: checkpoint(models),
    })),
    { config: null, inspection: null },
  );

test('separators are alike where no name is equal to the letter', () => {
  const files = [
    [floats('a.b', 1), floats('c/d', 3)],
    [floats('a/b', 1), floats('c.d', 3)],
  ];
  expect(verdictsOf(compareTensors(files))).toEqual({ 'a.b': [EQUAL], 'c/d': [EQUAL] });
  const both = [[floats('a.b', 1), floats('a/b', 2)], [floats('a/b', 2)]];
  expect(verdictsOf(compareTensors(both))).toEqual({ 'a.b': [{ kind: 'gone' }], 'a/b': [EQUAL] });
});

const tied = (name: string, alias: string, number: number): ReturnType<typeof floats> => ({
  ...floats(name, number),
  aliases: [alias],
});

test('tensors that are tied in one file only are compared each by itself, and that is told', () => {
  const together = [tied('head', 'embed', 1)];
  const apart = [floats('embed', 1), floats('head', 2)];
  const untied = compareTensors([together, apart]);
  expect(verdictsOf(untied)).toMatchObject({ embed: [EQUAL], head: [{ maxDelta: 1 }] });
  expect(allTensors(untied).every(({ aliases }) => aliases === undefined)).toBe(true);
  expect(untied.files.map(({ warnings }) => warnings.map(({ text }) => text))).toEqual([
    ['embed and head share memory here, and are separate in b.pt: each is compared by itself.'],
    [],
  ]);
  const tiedLater = compareTensors([apart, together]);
  expect(verdictsOf(tiedLater)).toMatchObject({ embed: [EQUAL], head: [{ maxDelta: 1 }] });
  expect(tiedLater.files[1]?.warnings).toHaveLength(1);
});

test('tensors that are tied throughout, or lack a name in a file, are one', () => {
  const files = [[tied('head', 'embed', 1)], [floats('embed', 1)], [tied('embed', 'head', 1)]];
  const comparison = compareTensors(files);
  expect(allTensors(comparison).map(({ name, aliases }) => [name, aliases])).toEqual([
    ['head', ['embed']],
  ]);
  expect(verdictsOf(comparison)).toEqual({ head: [EQUAL, EQUAL] });
});

test('names that came to a tensor later are not looked for in earlier files', () => {
  const files = [[floats('x', 1)], [tied('x', 'y', 1)], [floats('x', 1), floats('y', 1)]];
  expect(verdictsOf(compareTensors(files))).toEqual({
    x: [EQUAL, EQUAL],
    y: [{ kind: 'new' }, EQUAL],
  });
});

test('of two tensors with one name in a file the first counts', () => {
  const file = [floats('x', 1), floats('x', 2)];
  expect(verdictsOf(compareTensors([file, file]))).toEqual({ x: [EQUAL] });
});

test('the single model of each file is the same, whatever its name', () => {
  const ema = model([floats('x', 5)], { name: 'ema', copyOf: 'model' });
  const comparison = compareModels(
    [model([floats('x', 1)])],
    [model([floats('x', 1)], { name: 'net' }), ema],
  );
  expect(comparison.models.map(({ name, copyOf }) => [name, copyOf])).toEqual([
    ['model', undefined],
    ['ema', 'model'],
  ]);
  expect(allTensors(comparison).map(({ pairs }) => pairs[0]?.verdict)).toEqual([
    EQUAL,
    { kind: 'new' },
  ]);
});

test('several models are told apart by their names', () => {
  const named = (name: string, number: number): StoredModel =>
    model([floats('x', number)], { name });
  const comparison = compareModels(
    [named('generator', 1), named('discriminator', 2)],
    [named('discriminator', 2), named('generator', 3)],
  );
  expect(allTensors(comparison).map(({ pairs }) => pairs[0]?.verdict.kind)).toEqual([
    'different',
    'equal',
  ]);
});

const order = (...files: [string, (number | null)?][]): unknown[] =>
  inOrderOfTime(files.map(([path, epoch = null]) => ({ path, epoch }))).map(({ file, epoch }) => [
    file.path,
    epoch,
  ]);

test('epochs come from the file, then from its name', () => {
  expect(order(['epoch=07-step=12.ckpt'], ['epoch=1-step=2.ckpt', 3])).toEqual([
    ['epoch=1-step=2.ckpt', 3],
    ['epoch=07-step=12.ckpt', 7],
  ]);
  expect(order(['checkpoint-0010.pth'], ['checkpoint-0002.pth'])).toEqual([
    ['checkpoint-0002.pth', 2],
    ['checkpoint-0010.pth', 10],
  ]);
  expect(order(['m_ep12.pt'], ['deep3.pt'])).toEqual([
    ['m_ep12.pt', 12],
    ['deep3.pt', null],
  ]);
});

test('numbers of steps sort files and are no epochs', () => {
  expect(order(['step-1000.pt'], ['step-200.pt'])).toEqual([
    ['step-200.pt', null],
    ['step-1000.pt', null],
  ]);
  expect(order(['checkpoint-1000/model.pt'], ['checkpoint-200/model.pt'])).toEqual([
    ['checkpoint-200/model.pt', null],
    ['checkpoint-1000/model.pt', null],
  ]);
});

test('files whose names have nothing in common stay as they were given', () => {
  expect(order(['resnet50.pt'], ['base18.pt'], ['final.pt'])).toEqual([
    ['resnet50.pt', null],
    ['base18.pt', null],
    ['final.pt', null],
  ]);
  expect(order(['run2/model3.pt'], ['run1/model4.pt'])).toEqual([
    ['run2/model3.pt', 3],
    ['run1/model4.pt', 4],
  ]);
});
