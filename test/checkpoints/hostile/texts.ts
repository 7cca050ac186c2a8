import { bytesOfText, type HostileFile } from './hostileFile';

function safetensors(header: string, data = 16, length = BigInt(header.length)): Uint8Array {
  const count = Buffer.alloc(8);
  count.writeBigUInt64LE(length);
  return Buffer.concat([count, Buffer.from(header, 'latin1'), Buffer.alloc(data)]);
}

const header = (name: string, text: string, becomes: HostileFile['becomes'] = 'refused') => ({
  name: `header-${name}.safetensors`,
  bytes: safetensors(text),
  becomes,
});

const claims = (name: string, tensor: Readonly<Record<string, unknown>>): HostileFile =>
  header(
    name,
    JSON.stringify({ a: { dtype: 'F32', shape: [4], data_offsets: [0, 16], ...tensor } }),
  );

const length = (value: bigint): HostileFile => ({
  name: `length-${value}.safetensors`,
  bytes: safetensors('{}', 16, value),
  becomes: 'refused',
});

const a = '"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}';

const SAFETENSORS: readonly HostileFile[] = [
  header('as-it-should-be', `{${a}}`, ['a']),
  ...[3n, 2n ** 31n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n].map(length),
  header('twice', `{${a},${a}}`),
  header('deep', `{"__metadata__":${'['.repeat(200_000)}`),
  header('deep-closed', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
  header('no-object', '{"a":1}'),
  header('proto', `{"__proto__":${a.slice(4)}}`, ['__proto__']),
  header('nul', `{"a\\u0000b\\u202e":${a.slice(4)}}`, ['a\0b\u202e']),
  claims('shape-2-53', { shape: [2 ** 53] }),
  claims('shape-product', { shape: [2 ** 32, 2 ** 32] }),
  claims('shape-times-zero', { shape: [2 ** 60, 0], data_offsets: [0, 16] }),
  claims('shape-negative', { shape: [-4] }),
  claims('shape-fraction', { shape: [4.5] }),
  claims('offsets-backwards', { data_offsets: [16, 0] }),
  claims('offsets-outside', { data_offsets: [0, 2 ** 50] }),
  claims('offsets-negative', { data_offsets: [-16, 0] }),
  claims('offsets-long', { data_offsets: [0, 12] }),
  claims('dtype', { dtype: 'F32\0' }),
];

const model = (
  name: string,
  paths: unknown,
  weight: Readonly<Record<string, unknown>> = {},
): HostileFile => ({
  name: `tfjs-${name}.json`,
  bytes: bytesOfText(
    JSON.stringify({
      format: 'layers-model',
      modelTopology: null,
      weightsManifest: [
        { paths, weights: [{ name: 'a', shape: [4], dtype: 'float32', ...weight }] },
      ],
    }),
  ),
  others: { 'w.bin': new Uint8Array(16) },
  becomes: 'refused',
});

const uint8 = { dtype: 'uint8', scale: 1, min: 0 };

const TFJS: readonly HostileFile[] = [
  { ...model('as-it-should-be', ['w.bin']), becomes: ['a'] },
  model('outside', ['../../etc/passwd']),
  model('absolute', ['/etc/passwd']),
  model('drive', ['C:\\windows\\win.ini']),
  model('backwards', ['..\\w.bin']),
  model('nul', ['w.bin\0.txt']),
  model('url', ['https://127.0.0.1:9/w.bin']),
  model('missing', ['x.bin']),
  { ...model('itself', ['tfjs-itself.json']), becomes: 'either' },
  model('no-paths', 7),
  { ...model('many', Array(200_000).fill('w.bin')), becomes: 'either' },
  model('shape', ['w.bin'], { shape: [2 ** 53] }),
  model('negative', ['w.bin'], { shape: [-4] }),
  model('product', ['w.bin'], { shape: [2 ** 32, 2 ** 32] }),
  { ...model('string', ['w.bin'], { dtype: 'string' }), becomes: 'either' },
  {
    ...model('scale', ['w.bin'], { shape: [16], quantization: { ...uint8, scale: 1e308 } }),
    becomes: 'either',
  },
  model('quantized', ['w.bin'], { quantization: { ...uint8, dtype: 'uint64' } }),
  {
    name: 'tfjs-deep.json',
    bytes: bytesOfText(
      `{"format":"layers-model","weightsManifest":[],"modelTopology":${'{"config":'.repeat(50_000)}1${'}'.repeat(50_000)}}`,
    ),
    becomes: 'either',
  },
  {
    name: 'tfjs-unclosed.json',
    bytes: bytesOfText(`{"weightsManifest":${'['.repeat(500_000)}`),
    becomes: 'refused',
  },
];

const index = (name: string, shard: unknown, becomes: HostileFile['becomes'] = 'refused') => ({
  name: `${name}.safetensors.index.json`,
  bytes: bytesOfText(JSON.stringify({ metadata: {}, weight_map: { a: shard } })),
  others: { 'shard.safetensors': safetensors(`{${a}}`) },
  becomes,
});

const INDICES: readonly HostileFile[] = [
  index('shards', 'shard.safetensors', ['a']),
  index('shards-outside', '../../etc/passwd'),
  index('shards-absolute', '/etc/passwd'),
  index('shards-dots', './../shard.safetensors'),
  index('shards-missing', 'x.safetensors'),
  index('shards-itself', 'shards-itself.safetensors.index.json'),
  index('shards-number', 7),
  index('shards-folder', '.'),
  {
    name: 'other-names.safetensors.index.json',
    bytes: bytesOfText(JSON.stringify({ weight_map: { b: 'shard.safetensors' } })),
    others: { 'shard.safetensors': safetensors(`{${a}}`) },
    becomes: 'either',
  },
];

const OTHER: readonly HostileFile[] = [
  { name: 'empty.pt', bytes: new Uint8Array(0), becomes: 'refused' },
  { name: 'zeros.pt', bytes: new Uint8Array(100_000), becomes: 'refused' },
  { name: 'text.ckpt', bytes: bytesOfText('weights'), becomes: 'refused' },
  {
    name: 'pointer.bin',
    bytes: bytesOfText('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'),
    becomes: 'refused',
  },
  { name: 'signature.h5', bytes: Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), becomes: 'refused' },
  { name: 'json.json', bytes: bytesOfText('{"a": 1}'), becomes: 'refused' },
];

export const TEXTS: readonly HostileFile[] = [...SAFETENSORS, ...TFJS, ...INDICES, ...OTHER];
