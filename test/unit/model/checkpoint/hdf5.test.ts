import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '../../../../src/model/checkpoint/checkpointError';
import {
  readHdf5,
  type H5Dataset,
  type H5Group,
} from '../../../../src/model/checkpoint/hdf5/readHdf5';
import { MemorySource } from '../../../../src/model/checkpoint/memorySource';

/** Written by h5py: see hdf5_files.py. */
function fileBytes(name: string): Buffer {
  return readFileSync(new URL(`hdf5/${name}`, import.meta.url));
}

function read(bytes: Uint8Array): H5Group {
  return readHdf5(new MemorySource('a.h5', bytes));
}

function at(root: H5Group, path: string): H5Group | H5Dataset | undefined {
  let place: H5Group | H5Dataset | undefined = root;
  for (const part of path.split('/')) {
    place = place?.kind === 'group' ? place.children.get(part) : undefined;
  }
  return place;
}

function dataset(root: H5Group, path: string): H5Dataset {
  const found = at(root, path);
  if (found?.kind !== 'dataset') throw new Error(`${path} is no data set`);
  return found;
}

function contentOf({ values }: H5Dataset): Uint8Array {
  if (values.kind === 'none') throw new Error(values.why);
  const content = new Uint8Array(values.storage.bytes);
  values.storage.readInto(0, content);
  return content;
}

function refusal(bytes: Uint8Array): CheckpointError {
  try {
    read(bytes);
  } catch (error) {
    if (error instanceof CheckpointError) return error;
    throw error;
  }
  throw new Error('was read');
}

describe('an HDF5 file of h5py', () => {
  const bytes = fileBytes('usual.h5');
  const root = read(bytes);
  const expected = JSON.parse(
    readFileSync(new URL('hdf5/usual.json', import.meta.url), 'utf8'),
  ) as Record<string, { shape: readonly number[]; sha256: string }>;
  const unread = new Set(['lzf', 'never']);

  it.each(Object.entries(expected).filter(([path]) => !unread.has(path)))(
    'has %s as h5py reads it',
    (path, { shape, sha256 }) => {
      const found = dataset(root, path);
      expect(found.shape).toEqual(shape);
      expect(createHash('sha256').update(contentOf(found)).digest('hex')).toBe(sha256);
    },
  );

  it.each(['plain', 'chunked', 'packed', 'row'])('has any part of %s', (path) => {
    const { values } = dataset(root, path);
    if (values.kind === 'none') throw new Error(values.why);
    const whole = contentOf(dataset(root, 'plain'));
    for (let offset = 0; offset < whole.length; offset += 97) {
      const part = new Uint8Array(Math.min(203, whole.length - offset));
      values.storage.readInto(offset, part);
      expect(part).toEqual(whole.subarray(offset, offset + part.length));
    }
  });

  it('says why values are not there', () => {
    const why = ['never', 'elsewhere', 'lzf'].map((path) => dataset(root, path).values);
    expect(why).toMatchObject([
      { kind: 'none', why: 'was never written' },
      { kind: 'none', why: 'has its values in another file, which is not opened' },
      { kind: 'none', why: 'is compressed in a way that is not read' },
    ]);
  });

  it('has the element types', () => {
    const kinds = ['bool', '>f4', 'float16', 'texts', 'complex'].map(
      (name) => dataset(root, `types/${name}`).type,
    );
    expect(kinds).toMatchObject([
      { kind: 'number', dtype: 'bool' },
      { kind: 'number', dtype: 'float32', big: true },
      { kind: 'number', dtype: 'float16', big: false },
      { kind: 'texts' },
      { kind: 'other', what: 'compound' },
    ]);
  });

  it('has attributes that are texts, and objects of several names under one', () => {
    const layers = at(root, 'layers');
    expect(layers?.attributes).toEqual(
      new Map<string, string | readonly string[]>([
        ['names', ['a', 'ü', '']],
        ['fixed', ['one', 'three']],
        ['text', 'plain'],
      ]),
    );
    const names = layers?.kind === 'group' ? [...layers.children.keys()] : [];
    expect(names).toContain('part_39');
    expect(names).not.toContain('soft');
    expect(names.filter((name) => name === 'again' || name === 'part_0')).toHaveLength(1);
  });

  it('leads to no other file', () => {
    expect([...read(fileBytes('linked.h5')).children.keys()]).toEqual(['own']);
  });

  it('of the newest layout is refused with the way out', () => {
    expect(refusal(fileBytes('latest.h5')).message).toMatch(
      /^a\.h5: offset \d+: this HDF5 file has a group in the newest layout.* h5py without libver/,
    );
  });

  it('that is cut short says so, wherever it ends', () => {
    for (let length = 8; length < bytes.length; length += 1009) {
      expect(refusal(bytes.subarray(0, length)).message).toMatch(/cut short|ends/);
    }
  });

  it('whose root is its own child ends', () => {
    const looped = Buffer.from(bytes);
    const rootAddress = looped.readBigUInt64LE(64);
    const node = looped.indexOf('SNOD', 0, 'latin1');
    looped.writeBigUInt64LE(rootAddress, node + 8 + 8);
    expect(read(looped).kind).toBe('group');
  });

  it.each<[string, (bytes: Buffer) => void, RegExp]>([
    ['a version of the superblock', (b) => b.writeUInt8(9, 8), /superblock version 9/],
    ['the size of addresses', (b) => b.writeUInt8(4, 13), /addresses of other than 8 bytes/],
    [
      'the address of the root',
      (b) => b.writeBigUInt64LE(1n << 60n, 64),
      /a size is larger than any file/,
    ],
    ['the root behind the end', (b) => b.writeBigUInt64LE(1n << 40n, 64), /offset 1099511627776/],
    [
      'a signature',
      (b) => b.write('TRUE', b.indexOf('TREE', 0, 'latin1')),
      /HDF5's TREE should stand here/,
    ],
  ])('with another value for %s names the place', (_, change, message) => {
    const changed = Buffer.from(bytes);
    change(changed);
    const error = refusal(changed);
    expect(error.message).toMatch(message);
    expect(error.offset).not.toBeNull();
  });

  it('whose data sets overlap is refused', () => {
    const changed = Buffer.from(bytes);
    const { values } = dataset(root, 'types/int64');
    const place = values.kind === 'stored' ? values.storage.place?.offset : undefined;
    const other = dataset(root, 'types/float64').values;
    const target = other.kind === 'stored' ? other.storage.place?.offset : undefined;
    if (place === undefined || target === undefined) throw new Error('are not in place');
    const address = Buffer.alloc(8);
    address.writeBigUInt64LE(BigInt(place));
    changed.writeBigUInt64LE(BigInt(target), changed.indexOf(address));
    expect(refusal(changed).message).toMatch(/values of two data sets overlap/);
  });
});
