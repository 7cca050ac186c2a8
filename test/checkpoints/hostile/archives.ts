import { zipOf, type LyingEntry } from '../bytes/zip';
import { bytesOfText, type HostileFile } from './hostileFile';

const BOMB = 256 * 1024 * 1024;
const pickle: LyingEntry = { name: 'a/data.pkl', content: bytesOfText('\u0080\u0002}.') };
const version: LyingEntry = { name: 'a/version', content: bytesOfText('3\n') };
/** A quarter of a gigabyte in 260 KB. */
const bomb: LyingEntry = { name: 'a/data.pkl', content: new Uint8Array(BOMB), deflated: true };

function npy(dictionary: string, data = new Uint8Array(8)): Uint8Array {
  const header = Buffer.from(dictionary.padEnd(117) + '\n');
  const start = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
  start.writeUInt16LE(header.length, 8);
  return Buffer.concat([start, header, data]);
}

const npz = (name: string, dictionary: string): HostileFile => ({
  name: `npy-${name}.npz`,
  bytes: zipOf([{ name: 'a.npy', content: npy(dictionary) }]),
  becomes: 'refused',
});

const lying = (name: string, lie: Partial<LyingEntry>): HostileFile => ({
  name: `archive-${name}.pt`,
  bytes: zipOf([{ ...pickle, ...lie }, version]),
  becomes: 'refused',
});

export const ARCHIVES: readonly HostileFile[] = [
  { name: 'bomb.pt', bytes: zipOf([bomb, version]), becomes: 'refused' },
  { name: 'bomb-small.pt', bytes: zipOf([{ ...bomb, bytes: 10 }, version]), becomes: 'refused' },
  {
    name: 'bomb-large.pt',
    bytes: zipOf([{ ...bomb, bytes: 0xffff_fff0 }, version]),
    becomes: 'refused',
  },
  {
    name: 'bomb.npz',
    bytes: zipOf([{ ...bomb, name: 'a.npy' }]),
    becomes: 'refused',
  },
  {
    name: 'bomb.keras',
    bytes: zipOf([
      { ...bomb, name: 'config.json' },
      { ...bomb, name: 'metadata.json' },
      { ...bomb, name: 'model.weights.h5' },
    ]),
    becomes: 'refused',
  },
  {
    name: 'overlapping-bombs.npz',
    bytes: zipOf(
      Array.from({ length: 1000 }, (_, index) => ({
        ...bomb,
        name: `${index}.npy`,
        sharesData: index > 0,
      })),
    ),
    becomes: 'refused',
  },
  {
    name: 'overlapping-storages.pt',
    bytes: zipOf([pickle, version, { ...version, name: 'a/data/0', sharesData: true }]),
    becomes: 'refused',
  },
  {
    name: 'twice.pt',
    bytes: zipOf([pickle, pickle, version]),
    becomes: 'refused',
  },
  lying('encrypted', { flags: 1 }),
  lying('method', { method: 99 }),
  lying('crc', { crc: 1 }),
  lying('size', { bytes: 1_000_000, compressedBytes: 1_000_000 }),
  lying('sizes-differ', { bytes: 3 }),
  lying('local-name', { localName: 'a/data.pk1' }),
  lying('header', { header: 0xffff_ff00 }),
  lying('header-in-data', { header: 7 }),
  {
    name: 'count.pt',
    bytes: zipOf([pickle, version], { entries: 60_000 }),
    becomes: 'refused',
  },
  {
    name: 'nested.pt',
    bytes: zipOf([{ name: 'a/model.pt', content: zipOf([bomb]) }]),
    becomes: 'refused',
  },
  { name: 'empty.npz', bytes: zipOf([]), becomes: 'either' },
  {
    name: 'names.npz',
    bytes: zipOf([
      {
        name: '../../evil.npy',
        content: npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"),
      },
    ]),
    becomes: ['../../evil'],
  },
  npz('shape', "{'descr': '<f4', 'fortran_order': False, 'shape': (9007199254740992,), }"),
  npz('product', "{'descr': '<f4', 'fortran_order': True, 'shape': (4294967296, 4294967296), }"),
  npz('negative', "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }"),
  npz('code', "{'descr': __import__('os').system('id'), 'shape': (2,), }"),
  npz('deep', `{'descr': ${'('.repeat(5000)}, 'shape': (2,), }`),
  npz('no-literal', 'x'.repeat(200)),
  {
    name: 'npy-objects.npz',
    bytes: zipOf([
      {
        name: 'a.npy',
        content: npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"),
      },
    ]),
    becomes: 'either',
  },
  {
    name: 'deep.keras',
    bytes: zipOf([
      { name: 'metadata.json', content: bytesOfText('{}') },
      { name: 'config.json', content: bytesOfText('{"config":'.repeat(100_000)) },
      { name: 'model.weights.h5', content: bytesOfText('\u0089HDF\r\n\u001a\n') },
    ]),
    becomes: 'refused',
  },
];
