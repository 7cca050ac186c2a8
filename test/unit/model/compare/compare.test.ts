import { expect, test } from 'vitest';
import { isDtype } from '../../../../src/model/checkpoint/dtypes';
import { CheckpointError } from '../../../../src/model/checkpoint/checkpointError';
import type { StoredTensor } from '../../../../src/model/checkpoint/checkpoint';
import {
  checkpoint,
  compareTensors,
  CountedSource,
  Dice,
  floats,
  model,
  packedStorage,
  storageIn,
  storageOf,
  tensor,
  verdictsOf,
} from './craft';
import { compareCheckpoints } from '../../../../src/model/compare/compare';

const BY_BYTES = { kind: 'equal', by: 'bytes' };
const BY_CRC32 = { kind: 'equal', by: 'crc32' };

const bytesOf = (...numbers: number[]): Uint8Array =>
  new Uint8Array(Float32Array.from(numbers).buffer);
const checked = (crc32: number | null, ...numbers: number[]): StoredTensor =>
  tensor('x', 'float32', [numbers.length], storageOf(bytesOf(...numbers), crc32));

test('equal checksums of whole storages are enough, unless bytes are asked for', () => {
  const files = [[checked(7, 1, 2)], [checked(7, 1, 3)]];
  const fast = compareTensors(files);
  expect(verdictsOf(fast)).toEqual({ x: [BY_CRC32] });
  expect(fast.bytesRead).toBe(0);
  const exact = compareTensors(files, { exact: true });
  expect(verdictsOf(exact)).toMatchObject({ x: [{ kind: 'different', elements: 1, maxDelta: 1 }] });
  expect(exact.bytesRead).toBe(16);
});

test('a checksum in one file only says nothing', () => {
  expect(verdictsOf(compareTensors([[checked(7, 1)], [checked(null, 1)]]))).toEqual({
    x: [BY_BYTES],
  });
});

test('checksums that differ over equal bytes are told as wrong', () => {
  const comparison = compareTensors([[checked(7, 1)], [checked(8, 1)]]);
  expect(verdictsOf(comparison)).toEqual({ x: [BY_BYTES] });
  const [before, after] = comparison.files;
  expect(before?.warnings).toEqual([]);
  expect(after?.warnings[0]?.text).toMatch(/^The checksum of x is not that of the earlier file/);
});

test('one checksum over views that lie elsewhere in their storages is no proof', () => {
  const storage = storageOf(bytesOf(1, 2), 7);
  const view = (offset: number): StoredTensor => tensor('x', 'float32', [1], storage, { offset });
  expect(verdictsOf(compareTensors([[view(0)], [view(4)]]))).toMatchObject({
    x: [{ kind: 'different', elements: 1, maxDelta: 1, relativeL2: 1 }],
  });
});

test('a part that moved does not move the other views of its storage', () => {
  const file = (...numbers: number[]): StoredTensor[] => {
    const storage = storageOf(bytesOf(...numbers), numbers[3] ?? 0);
    const part = (name: string, offset: number): StoredTensor =>
      tensor(name, 'float32', [2], storage, { offset });
    return [part('q', 0), part('k', 8)];
  };
  const comparison = compareTensors([file(1, 2, 3, 4), file(1, 2, 3, 5)]);
  expect(verdictsOf(comparison)).toMatchObject({ q: [BY_BYTES], k: [{ kind: 'different' }] });
  expect(comparison.files[1]?.warnings).toEqual([]);
});

test('shape, type and presence are told before bytes', () => {
  const storage = storageOf(new Uint8Array(16));
  const [flat, square] = [[4], [2, 2]];
  const comparison = compareTensors([
    [
      tensor('a', 'float32', flat, storage),
      tensor('b', 'float32', flat, storage),
      tensor('c', 'float32', flat, storage),
    ],
    [tensor('a', 'float32', square, storage), tensor('b', 'int32', flat, storage)],
    [tensor('a', 'float32', square, storage), tensor('d', 'float32', flat, storage)],
    [],
  ]);
  expect(verdictsOf(comparison)).toEqual({
    a: [{ kind: 'reshaped', before: flat, after: square }, BY_BYTES, { kind: 'gone' }],
    b: [
      { kind: 'recast', before: 'float32', after: 'int32' },
      { kind: 'gone' },
      { kind: 'absent' },
    ],
    c: [{ kind: 'gone' }, { kind: 'absent' }, { kind: 'absent' }],
    d: [{ kind: 'absent' }, { kind: 'new' }, { kind: 'gone' }],
  });
});

const items = { uint8: 1, bfloat16: 2, float32: 4, int64: 8, complex128: 16 } as const;

test.each(Object.entries(items))('a transposed view of %s is equal to a copy', (dtype, size) => {
  if (!isDtype(dtype)) throw new Error(dtype);
  // More than a stretch of elements, so that it is cut into boxes.
  const [rows, columns] = [401, 331];
  const copy = new Dice(size).bytes(rows * columns * size);
  const turned = new Uint8Array(copy.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const at = (row * columns + column) * size;
      turned.set(copy.subarray(at, at + size), (column * rows + row) * size);
    }
  }
  const view = tensor('x', dtype, [rows, columns], storageOf(turned), { strides: [1, rows] });
  const plain = tensor('x', dtype, [rows, columns], storageOf(copy));
  const packed = { ...view, storage: packedStorage(view.storage) };
  const packedPlain = { ...plain, storage: packedStorage(plain.storage) };
  for (const [a, b] of [
    [view, plain],
    [plain, view],
    [packed, plain],
    [plain, packed],
    [packed, packedPlain],
  ] as const) {
    expect(verdictsOf(compareTensors([[a], [b]]))).toEqual({ x: [BY_BYTES] });
  }
  turned[rows * size] = (turned[rows * size] ?? 0) ^ 1;
  expect(verdictsOf(compareTensors([[plain], [view]]))).toMatchObject({ x: [{ elements: 1 }] });
});

test('what lies between the elements of a view does not count', () => {
  const view = (...numbers: number[]): StoredTensor =>
    tensor('x', 'float32', [2, 2], storageOf(bytesOf(...numbers)), { strides: [3, 1] });
  expect(verdictsOf(compareTensors([[view(1, 2, 0, 3, 4)], [view(1, 2, 9, 3, 4)]]))).toEqual({
    x: [BY_BYTES],
  });
  expect(verdictsOf(compareTensors([[view(1, 2, 0, 3, 4)], [view(1, 2, 0, 3, 6)]]))).toMatchObject({
    x: [{ elements: 1, maxDelta: 2 }],
  });
});

test('an expanded view is equal to its elements written out', () => {
  const expanded = tensor('x', 'float32', [3, 2], storageOf(bytesOf(1, 2)), { strides: [0, 1] });
  const written = tensor('x', 'float32', [3, 2], storageOf(bytesOf(1, 2, 1, 2, 1, 2)));
  expect(verdictsOf(compareTensors([[expanded], [written]]))).toEqual({ x: [BY_BYTES] });
});

test('scalars and tensors without elements are compared too', () => {
  const file = (number: number): StoredTensor[] => [
    tensor('scalar', 'float32', [], storageOf(bytesOf(number))),
    tensor('empty', 'float32', [0, 3], storageOf(new Uint8Array(0))),
  ];
  expect(verdictsOf(compareTensors([file(1), file(2)]))).toMatchObject({
    scalar: [{ elements: 1, maxDelta: 1 }],
    empty: [BY_BYTES],
  });
});

test.each([
  ['reaches out', tensor('x', 'float32', [2], storageOf(new Uint8Array(4)))],
  ['reaches out', tensor('x', 'float32', [2], storageOf(new Uint8Array(8)), { offset: 4 })],
  ['reaches out', tensor('x', 'float32', [2 ** 60, 2 ** 60], storageOf(new Uint8Array(4)))],
  ['strides', tensor('x', 'int8', [2, 2], storageOf(new Uint8Array(4)), { strides: [-9, 1] })],
  ['strides', tensor('x', 'int8', [2, 2], storageOf(new Uint8Array(4)), { strides: [1] })],
  [
    'more elements than',
    tensor('x', 'int8', [2 ** 50], storageOf(new Uint8Array(4)), { strides: [0] }),
  ],
  ['packed', tensor('x', 'int4', [2, 2], storageOf(new Uint8Array(4)), { strides: [1, 2] })],
])('a view that %s is unreadable, not followed', (what, bad) => {
  const [verdict] = verdictsOf(compareTensors([[bad], [bad]]))['x'] ?? [];
  expect(verdict).toMatchObject({ kind: 'unreadable' });
  expect((verdict as { reason: string }).reason).toContain(what);
});

test('a storage that cannot be read concerns its tensors only', () => {
  const broken = {
    ...{ bytes: 4, crc32: null, place: null },
    readInto: () => {
      throw new CheckpointError('model.npz', 12, 'the compression is damaged.');
    },
  };
  const file = [tensor('x', 'float32', [1], broken), floats('y', 1)];
  expect(verdictsOf(compareTensors([file, file]))).toEqual({
    x: [{ kind: 'unreadable', reason: 'model.npz: offset 12: the compression is damaged.' }],
    y: [BY_BYTES],
  });
});

/** A file of small tensors, one behind the other from `start`. */
function manyIn(source: CountedSource, start: number, count: number, size: number): StoredTensor[] {
  return Array.from({ length: count }, (_, at) =>
    tensor(`layer.${String(at)}`, 'uint8', [size], storageIn(source, start + at * size, size)),
  );
}

test('small tensors that lie behind each other are read together, and alike in other places', () => {
  const [count, size] = [4000, 40];
  const body = new Dice(9).bytes(count * size);
  const [a, b] = [0, 77].map((start) => {
    const bytes = new Uint8Array(start + body.length);
    bytes.set(body, start);
    return new CountedSource('model.safetensors', bytes);
  });
  if (a === undefined || b === undefined) throw new Error('no files');
  // In the order of names, not of places.
  const files = [manyIn(a, 0, count, size).reverse(), manyIn(b, 77, count, size)];
  const equal = compareTensors(files);
  expect(new Set(Object.values(verdictsOf(equal)).map(([each]) => JSON.stringify(each)))).toEqual(
    new Set([JSON.stringify(BY_BYTES)]),
  );
  expect(a.reads + b.reads).toBeLessThan(8);
  const victim = 77 + 1234 * size + 39;
  b.bytes[victim] = (b.bytes[victim] ?? 0) ^ 4;
  const verdicts = Object.entries(verdictsOf(compareTensors(files)));
  const moved = verdicts.filter(([, [each]]) => (each as { kind: string }).kind !== 'equal');
  expect(moved.map(([name]) => name)).toEqual(['layer.1234']);
});

test('random flips in large tensors are found wherever they are', () => {
  const dice = new Dice(11);
  const sizes = [300_001, 3, 262_144, 262_145, 1];
  const body = dice.bytes(sizes.reduce((sum, size) => sum + size, 0));
  const file = (bytes: Uint8Array): StoredTensor[] => {
    const source = new CountedSource('a.safetensors', bytes);
    let at = 0;
    return sizes.map((size, index) => {
      at += size;
      return tensor(`t${String(index)}`, 'uint8', [size], storageIn(source, at - size, size));
    });
  };
  for (let round = 0; round < 8; round += 1) {
    const changed = body.slice();
    const wanted = sizes.map(() => new Set<number>());
    for (let flip = 0; flip < 5; flip += 1) {
      const tensorAt = dice.roll(sizes.length);
      const within = dice.roll(sizes[tensorAt] ?? 1);
      const at = sizes.slice(0, tensorAt).reduce((sum, size) => sum + size, 0) + within;
      changed[at] = (body[at] ?? 0) ^ 0x80;
      wanted[tensorAt]?.add(within);
    }
    const progress: number[] = [];
    const verdicts = verdictsOf(
      compareTensors([file(body), file(changed)], {
        progress: (done, total) => progress.push(done, total),
      }),
    );
    wanted.forEach((flips, index) => {
      const expected =
        flips.size === 0 ? BY_BYTES : { kind: 'different', elements: flips.size, maxDelta: 128 };
      expect(verdicts[`t${String(index)}`]).toMatchObject([expected]);
    });
    expect(progress.at(-2)).toBe(body.length);
    expect(progress.at(-1)).toBe(body.length);
  }
});

test('files come in the order of time, each with its epoch', () => {
  const opened = [9, 10, 2].map((epoch) => ({
    path: `ckpt-${String(epoch)}.pt`,
    checkpoint: checkpoint([model([floats('x', epoch)])]),
  }));
  const { files, models } = compareCheckpoints(opened, { config: null, inspection: null });
  expect(files.map(({ path, epoch }) => [path, epoch])).toEqual([
    ['ckpt-2.pt', 2],
    ['ckpt-9.pt', 9],
    ['ckpt-10.pt', 10],
  ]);
  expect(models[0]?.tensors[0]?.pairs.map(({ verdict }) => verdict)).toMatchObject([
    { maxDelta: 7 },
    { maxDelta: 1 },
  ]);
});
