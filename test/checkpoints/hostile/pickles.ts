import { zipOf } from '../bytes/zip';
import type { HostileFile } from './hostileFile';

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const MILLION = 1_000_000;

/** A text as BINUNICODE. */
export function unicode(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([latin('X'), int(bytes.length), bytes]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** A whole number as LONG1 of 9 bytes, which holds any that a test asks for. */
function long(value: bigint | number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)));
  bytes.writeInt8(BigInt(value) < 0n ? -1 : 0, 8);
  return Buffer.concat([latin('\x8a\x09'), bytes]);
}

interface Claims {
  /** Elements of the storage. */
  readonly numel?: bigint | number;
  readonly offset?: bigint | number;
  readonly shape?: readonly (bigint | number)[];
  readonly strides?: readonly (bigint | number)[];
  readonly key?: string;
}

/** A tensor of float32 as torch.save writes it, with what it claims. */
export function tensor({
  numel = 4,
  offset = 0,
  shape = [4],
  strides = [1],
  key = '0',
}: Claims = {}): Buffer {
  const tuple = (values: readonly (bigint | number)[]): Buffer =>
    Buffer.concat([latin('('), ...values.map(long), latin('t')]);
  return Buffer.concat([
    latin('ctorch._utils\n_rebuild_tensor_v2\n(('),
    ...[unicode('storage'), latin('ctorch\nFloatStorage\n'), unicode(key), unicode('cpu')],
    ...[long(numel), latin('tQ'), long(offset), tuple(shape), tuple(strides)],
    latin('\x89ccollections\nOrderedDict\n)RtR'),
  ]);
}

/** A dict. */
export function dict(...items: readonly (readonly [string, Buffer])[]): Buffer {
  const pairs = items.flatMap(([key, value]) => [unicode(key), value, latin('s')]);
  return Buffer.concat([latin('}'), ...pairs]);
}

/** A file of torch with this pickle and one storage of four numbers. */
export function torchFile(...pickle: readonly (Buffer | string)[]): Uint8Array {
  const parts = pickle.map((part) => (typeof part === 'string' ? latin(part) : part));
  return zipOf([
    { name: 'archive/data.pkl', content: Buffer.concat([latin('\x80\x02'), ...parts]) },
    { name: 'archive/byteorder', content: latin('little') },
    { name: 'archive/data/0', content: new Uint8Array(16) },
    { name: 'archive/version', content: latin('3\n') },
  ]);
}

const one = dict(['weight', tensor()]);
const claims = (name: string, claim: Claims): HostileFile => ({
  name: `claims-${name}.pt`,
  bytes: torchFile(dict(['weight', tensor(claim)]), '.'),
  becomes: 'refused',
});

/** Lists of two, each twice the one before it: 2^60 paths lead to the tensor. */
function doubled(): Buffer {
  const levels = Array.from({ length: 60 }, (_, level) => {
    const key = (name: string): Buffer => Buffer.concat([unicode(name), latin('h'), small(level)]);
    const value = Buffer.concat([latin('}'), key('a'), latin('s'), key('b'), latin('s')]);
    return Buffer.concat([value, latin('q'), small(level + 1), latin('0')]);
  });
  return Buffer.concat([one, latin('q\x000'), ...levels, latin('h'), small(60)]);
}

function small(value: number): Buffer {
  return Buffer.from([value]);
}

/** Names as they are in the file, which is what a listing holds. */
const NAMES: readonly string[] = [
  '../../etc/passwd',
  'a\0b',
  '\u202egnp.weight',
  'line\nbreak',
  '\u001b[31mred',
  '__proto__',
  'constructor',
  'hasOwnProperty',
];

export const PICKLES: readonly HostileFile[] = [
  { name: 'as-it-should-be.pt', bytes: torchFile(one, '.'), becomes: ['weight'] },
  ...['(', ']', '}', ')'].map((opcode, index): HostileFile => {
    const pickle = [opcode.repeat(MILLION), 't'.repeat(opcode === '(' ? MILLION : 0)];
    return { name: `many-${index}.pt`, bytes: torchFile(...pickle, '.'), becomes: 'either' };
  }),
  {
    name: 'deep-lists.pt',
    bytes: torchFile(']'.repeat(MILLION), 'a'.repeat(MILLION - 1), '.'),
    becomes: 'either',
  },
  {
    name: 'deep-tuples.pt',
    bytes: torchFile(')', '\x85'.repeat(MILLION), '.'),
    becomes: 'either',
  },
  {
    name: 'deep-dicts.pt',
    bytes: torchFile('}U\x01a'.repeat(100_000), '}', 's'.repeat(100_000), '.'),
    becomes: 'either',
  },
  {
    name: 'deep-keys.pt',
    bytes: torchFile('}', ')', '\x85'.repeat(MILLION), 'Ns.'),
    becomes: 'either',
  },
  { name: 'cyclic-list.pt', bytes: torchFile(']q\x01h\x01a.'), becomes: 'either' },
  {
    name: 'cyclic-dict.pt',
    bytes: torchFile(one, 'q\x01', unicode('self'), 'h\x01s', unicode('state_dict'), 'h\x01s.'),
    becomes: ['weight'],
  },
  {
    name: 'cyclic-arguments.pt',
    bytes: torchFile(']q\x01cbuiltins\nlist\nh\x01\x85Ra.'),
    becomes: 'either',
  },
  { name: 'doubled.pt', bytes: torchFile(doubled(), '.'), becomes: 'either' },
  {
    name: 'memo-index.pt',
    bytes: torchFile('}r\xff\xff\xff\xff0j\xff\xff\xff\xff.'),
    becomes: 'either',
  },
  { name: 'memo-unknown.pt', bytes: torchFile('h\x07.'), becomes: 'refused' },
  { name: 'pop-nothing.pt', bytes: torchFile('0.'), becomes: 'refused' },
  { name: 'mark-unclosed.pt', bytes: torchFile('(((t.'), becomes: 'either' },
  { name: 'dup.pt', bytes: torchFile('N', '2'.repeat(MILLION), '.'), becomes: 'either' },
  ...(
    [
      ['X\xff\xff\xff\x7f', 'unicode'],
      ['\x8d\xff\xff\xff\xff\xff\xff\xff\x7f', 'unicode8'],
      ['\x8e\0\0\0\0\0\0\0\x80', 'bytes8'],
      ['\x96\0\0\0\0\0\0\x20\0', 'bytearray8'],
      ['\x95\xff\xff\xff\xff\xff\xff\xff\xff', 'frame'],
      ['\x8b\xff\xff\xff\x7f', 'long4'],
      ['\x8b\xff\xff\xff\xff', 'long4-negative'],
      ['T\xff\xff\xff\xff', 'string-negative'],
    ] as const
  ).map(([opcode, name]): HostileFile => {
    return { name: `length-${name}.pt`, bytes: torchFile(opcode, 'abc.'), becomes: 'refused' };
  }),
  claims('shape-2-53', { shape: [2n ** 53n] }),
  claims('shape-2-63', { shape: [2n ** 63n - 1n], numel: 2n ** 63n - 1n }),
  claims('shape-product', { shape: [2n ** 32n, 2n ** 32n], strides: [2n ** 32n, 1] }),
  claims('shape-negative', { shape: [-1] }),
  claims('stride-negative', { strides: [-1] }),
  claims('stride-far', { strides: [2n ** 40n] }),
  claims('offset-far', { offset: 2n ** 62n }),
  claims('offset-negative', { offset: -1 }),
  claims('storage-missing', { key: '7' }),
  claims('storage-outside', { key: '../../../etc/passwd' }),
  {
    name: 'expanded-2-50.pt',
    bytes: torchFile(dict(['weight', tensor({ shape: [2n ** 50n], strides: [0] })]), '.'),
    becomes: 'either',
  },
  {
    name: 'dimensions.pt',
    bytes: torchFile(
      dict(['weight', tensor({ shape: Array(100_000).fill(1), strides: Array(100_000).fill(1) })]),
      '.',
    ),
    becomes: 'either',
  },
  {
    name: 'names.pt',
    bytes: torchFile(dict(...NAMES.map((name) => [name, tensor()] as const)), '.'),
    becomes: NAMES,
  },
  {
    name: 'many-tensors.pt',
    bytes: torchFile(
      Buffer.concat([
        Buffer.concat([tensor(), latin('q\x010}')]),
        ...Array.from({ length: 50_000 }, (_, index) =>
          Buffer.concat([unicode(`t${index}`), latin('h\x01s')]),
        ),
      ]),
      '.',
    ),
    becomes: 'either',
  },
];
