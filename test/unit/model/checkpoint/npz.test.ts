import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Checkpoint, StoredTensor } from '../../../../src/model/checkpoint/checkpoint';
import { CheckpointError } from '../../../../src/model/checkpoint/checkpointError';
import { MemorySource } from '../../../../src/model/checkpoint/memorySource';
import { readLiteral } from '../../../../src/model/checkpoint/npz/pythonLiteral';
import { openCheckpoint } from '../../../../src/model/checkpoint/openCheckpoint';
import { zipFile } from './zipFile';

/** A `.npy` as NumPy writes it. */
function npy(header: string, values: Uint8Array, version = 1): Buffer {
  const start = version === 1 ? 10 : 12;
  const padding = (64 - ((start + header.length + 1) % 64)) % 64;
  const text = Buffer.from(`${header}${' '.repeat(padding)}\n`, version === 3 ? 'utf8' : 'latin1');
  const head = Buffer.alloc(start);
  Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]).copy(head);
  if (version === 1) head.writeUInt16LE(text.length, 8);
  else head.writeUInt32LE(text.length, 8);
  return Buffer.concat([head, text, values]);
}

function array(descr: string, shape: string, values: readonly number[], fortran = false): Buffer {
  const order = fortran ? 'True' : 'False';
  const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
  return npy(header, Buffer.from(values));
}

function open(content: Uint8Array, name = 'a.npy'): Checkpoint {
  return openCheckpoint(new MemorySource(name, content), {
    open(sibling) {
      throw new CheckpointError(sibling, null, 'there is no such file.');
    },
  });
}

function only(content: Uint8Array): StoredTensor {
  const [tensor, ...more] = open(content).models[0]?.tensors ?? [];
  if (tensor === undefined || more.length > 0) throw new Error('not one tensor');
  return tensor;
}

function valuesOf({ storage, offset }: StoredTensor): readonly number[] {
  const content = new Uint8Array(storage.bytes - offset);
  storage.readInto(offset, content);
  return [...content];
}

function refusal(content: Uint8Array): CheckpointError {
  try {
    open(content);
  } catch (error) {
    if (error instanceof CheckpointError) return error;
    throw error;
  }
  throw new Error('was read');
}

describe('an array of NumPy', () => {
  it.each([
    ['|b1', 'bool', 1],
    ['|i1', 'int8', 1],
    ['|u1', 'uint8', 1],
    ['<i2', 'int16', 2],
    ['<u2', 'uint16', 2],
    ['<i4', 'int32', 4],
    ['<u4', 'uint32', 4],
    ['<i8', 'int64', 8],
    ['<u8', 'uint64', 8],
    ['<f2', 'float16', 2],
    ['<f4', 'float32', 4],
    ['<f8', 'float64', 8],
    ['<c8', 'complex64', 8],
    ['<c16', 'complex128', 16],
  ])('of %s is of %s', (descr, dtype, bytes) => {
    const values = Array.from({ length: bytes * 2 }, (_, index) => index);
    const tensor = only(array(descr, '(2,)', values));
    expect(tensor).toMatchObject({ name: 'a', dtype, shape: [2], strides: null });
    expect(valuesOf(tensor)).toEqual(values);
  });

  it.each([
    ['>i2', [1, 2, 3, 4], [2, 1, 4, 3]],
    ['>f4', [1, 2, 3, 4], [4, 3, 2, 1]],
    ['>c8', [1, 2, 3, 4, 5, 6, 7, 8], [4, 3, 2, 1, 8, 7, 6, 5]],
    ['>u1', [1, 2], [1, 2]],
  ])('of %s is turned around', (descr, stored, read) => {
    const count = descr === '>i2' || descr === '>u1' ? '(2,)' : '()';
    expect(valuesOf(only(array(descr, count, stored)))).toEqual(read);
  });

  it('in the order of Fortran has strides', () => {
    const tensor = only(
      array(
        '|u1',
        '(2, 3, 4)',
        Array.from({ length: 24 }, () => 0),
        true,
      ),
    );
    expect(tensor.strides).toEqual([1, 2, 6]);
  });

  it.each([2, 3])('may be of version %d', (version) => {
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (), }";
    expect(only(npy(header, Buffer.alloc(4), version)).shape).toEqual([]);
  });

  it('of ml_dtypes is taken for bfloat16, and says so', () => {
    const checkpoint = open(array('|V2', '(1,)', [1, 2]));
    expect(checkpoint.models[0]?.tensors[0]?.dtype).toBe('bfloat16');
    expect(checkpoint.warnings[0]?.text).toContain('read as bfloat16');
  });

  it.each([
    ['of Python objects', array('|O', '(1,)', [0x80]), /a pickle, which could run code/],
    ['of texts', array('<U3', '(1,)', [0]), /which no weight has/],
    ['of dates', array('<M8[ns]', '(1,)', [0]), /which no weight has/],
    [
      'with fields',
      npy(
        "{'descr': [('a', '<f4'), ('b', 'O')], 'fortran_order': False, 'shape': (1,)}",
        Buffer.alloc(9),
      ),
      /a structured array/,
    ],
  ])('%s is not read', (_, content, text) => {
    const checkpoint = open(content);
    expect(checkpoint.models[0]?.tensors).toEqual([]);
    expect(checkpoint.warnings[0]?.text).toMatch(text);
  });

  it.each<[string, Uint8Array, number, RegExp]>([
    [
      'is cut short',
      array('<f4', '(2,)', [1, 2, 3]),
      128,
      /should have 8 bytes of values and has 3/,
    ],
    ['has more behind it', array('<f4', '()', [1, 2, 3, 4, 5]), 128, /should have 4 bytes/],
    ['is of version 4', npy('{}', Buffer.alloc(0), 4), 6, /version should be 1, 2 or 3/],
    [
      'has no shape',
      npy("{'descr': '<f4', 'fortran_order': False}", Buffer.alloc(0)),
      10,
      /no shape/,
    ],
    ['has a shape of texts', array('<f4', "('2',)", []), 10, /no shape/],
    [
      'has code for a header',
      npy("__import__('os').system('true')", Buffer.alloc(0)),
      10,
      /no dictionary/,
    ],
    ['has a header longer than the file', array('<f4', '()', []).subarray(0, 40), 8, /cut short/],
  ])('that %s is refused', (_, content, offset, message) => {
    const error = refusal(content);
    expect(error.message).toMatch(message);
    expect(error.offset).toBe(offset);
  });

  it('that says its header has 4 GB is refused', () => {
    const content = npy('{}', Buffer.alloc(0), 2);
    content.writeUInt32LE(0xffffffff, 8);
    expect(refusal(content)).toMatchObject({ offset: 8 });
  });
});

describe('a .npz', () => {
  it('has its arrays by name, with the checksums of the archive', () => {
    const files = [
      { name: 'Dense_0/kernel.npy', content: array('<f4', '(1, 2)', [1, 2, 3, 4, 5, 6, 7, 8]) },
      { name: 'bn.running_mean.npy', content: array('|u1', '(1,)', [9]) },
    ];
    const checkpoint = open(zipFile(files), 'weights.npz');
    expect(checkpoint.format).toBe('npz');
    expect(checkpoint.models[0]?.tensors).toMatchObject([
      { name: 'Dense_0/kernel', module: 'Dense_0', kind: 'parameter', shape: [1, 2] },
      { name: 'bn.running_mean', module: 'bn', kind: 'statistic' },
    ]);
    for (const [index, { content }] of files.entries()) {
      const tensor = checkpoint.models[0]?.tensors[index];
      expect(tensor?.storage.crc32).toBe(crc32(content));
      expect(tensor && Buffer.from(valuesOf(tensor))).toEqual(content.subarray(128));
    }
  });
});

describe('a literal of Python', () => {
  it.each<[string, unknown]>([
    [
      '{\'a\': (1, 2,), "b": [True, None]}',
      new Map<string, unknown>([
        ['a', [1, 2]],
        ['b', [true, null]],
      ]),
    ],
    ['()', []],
    ['(3L,)', [3]],
    ["''", ''],
  ])('%s is read', (text, value) => {
    expect(readLiteral(text)).toEqual(value);
  });

  it.each([
    '',
    '1 2',
    '(1',
    '{1: 2}',
    "{'a': 1, 'a': 2}",
    "'\\x41'",
    'f()',
    'a',
    '-1',
    '1e5',
    '(,)',
    '['.repeat(100_000),
    "{'a'}",
    '99999999999999999999',
  ])('%s is none that NumPy writes', (text) => {
    expect(readLiteral(text)).toBeUndefined();
  });
});
