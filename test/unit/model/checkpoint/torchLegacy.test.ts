import { describe, expect, it } from 'vitest';
import { bytes, dict, int, list, long, open, text, tuple, global, type Piece } from './pickles';
import { tensor } from './pickles';

const MAGIC = 0x1950a86a20f9469cfc6cn;

const legacyStorage = (
  key: string,
  elements: number,
  view: Piece = 'N',
  type = 'ShortStorage',
): Buffer =>
  bytes(
    tuple(
      ...[text('storage'), global('torch', type), text(key), text('cpu')],
      ...[int(elements), view],
    ),
    'Q',
  );

function count(elements: number): Buffer {
  const number = Buffer.alloc(8);
  number.writeBigInt64LE(BigInt(elements));
  return number;
}

interface Parts {
  readonly object?: Piece;
  readonly keys?: readonly string[];
  readonly elements?: number;
  readonly data?: Piece;
}

function file({ object, keys = ['7'], elements = 3, data = 'aabbcc' }: Parts = {}): Uint8Array {
  return new Uint8Array(
    bytes(
      ...['\x80\x02', long(MAGIC), '.', '\x80\x02', int(1001), '.'],
      ...['\x80\x02', dict({ little_endian: '\x88' }), '.'],
      ...['\x80\x02', object ?? dict({ w: tensor(legacyStorage('7', 3), [3], [1]) }), '.'],
      ...['\x80\x02', list(...keys.map(text)), '.', count(elements), data],
    ),
  );
}

describe('the legacy format', () => {
  it('finds each storage behind the pickles', () => {
    const found = open(file());
    expect(found.format).toBe('torch-legacy');
    const [w] = found.models[0]?.tensors ?? [];
    const content = new Uint8Array(6);
    w?.storage.readInto(0, content);
    expect(Buffer.from(content).toString()).toBe('aabbcc');
    expect(w).toMatchObject({ dtype: 'int16', shape: [3], offset: 0 });
  });

  it('knows views of storages', () => {
    const view = legacyStorage('7', 3, tuple(text('8'), int(1), int(2)));
    const found = open(file({ object: dict({ w: tensor(view, [1], [1], 1) }) }));
    expect(found.models[0]?.tensors[0]?.offset).toBe(4);
    const beyond = legacyStorage('7', 3, tuple(text('8'), int(2), int(2)));
    expect(() => open(file({ object: dict({ w: tensor(beyond, [1], [1]) }) }))).toThrow(
      /view beyond/,
    );
  });

  it.each<[string, Parts, RegExp]>([
    ['is cut short', { data: 'aabbc' }, /is cut short/],
    ['has another count', { elements: 4 }, /of another size/],
    ['has a count below zero', { elements: -1 }, /of another size/],
    ['lacks a storage', { keys: [] }, /lacks a storage/],
    ['has one too many', { keys: ['7', '9'] }, /nothing refers to/],
    [
      'has a storage of an unknown class',
      { object: dict({ w: tensor(legacyStorage('7', 3, 'N', 'OddStorage'), [3], [1]) }) },
      /storage of the class "torch.OddStorage", which Permafrost does not know/,
    ],
    [
      'has a storage larger than itself',
      { object: dict({ w: tensor(legacyStorage('7', 1_000_000), [3], [1]) }) },
      /storage beyond its end/,
    ],
  ])('is refused with place and reason when it %s', (_, parts, reason) => {
    expect(() => open(file(parts))).toThrow(reason);
  });

  it('that wrote tar archives is refused with a way out', () => {
    const tar = Buffer.alloc(1024);
    tar.write('storages\0');
    tar.write('ustar', 257);
    expect(() => open(tar)).toThrow(/tar format of PyTorch 0\.1\.1\. Open it with/);
  });
});
