import type { ByteSource } from '../byteSource';
import type { Checkpoint, CheckpointReader, CheckpointWarning, Storage } from '../checkpoint';
import { PlainStorage } from '../plainStorage';
import { zipStorage, type ZipArchive } from '../zip/zip';
import { isNpy, readNpyHeader } from './npyHeader';
import { npyTensor, type NpyTensor } from './npyTensor';

const SUFFIX = '.npy';

/** Arrays of which something is told one by one. */
const MOST_WARNINGS = 20;

/** One array in a file of its own. */
export const npyReader: CheckpointReader = {
  matches: isNpy,
  read: (source) => {
    const storage = new PlainStorage(source, 0, source.size);
    const name = source.name.replace(/^.*[\\/]/, '').replace(/\.npy$/, '');
    return checkpointOf(source, [readArray(source, name, storage, 0)]);
  },
};

/** Whether an archive is what `numpy.savez` writes. */
export function isNpz({ entries }: ZipArchive): boolean {
  const names = [...entries.keys()];
  return names.length > 0 && names.every((name) => name.endsWith(SUFFIX));
}

/**
 * Reads a `.npz`: an archive of arrays, compressed or not.
 * @throws CheckpointError
 */
export function readNpz(source: ByteSource, { entries }: ZipArchive): Checkpoint {
  const arrays = [...entries.values()].map((entry) => {
    const name = entry.name.slice(0, -SUFFIX.length);
    return readArray(source, name, zipStorage(source, entry), entry.offset);
  });
  return checkpointOf(source, arrays);
}

function readArray(
  source: ByteSource,
  name: string,
  storage: Storage,
  place: number,
): NpyTensor | string {
  const read = (length: number): Uint8Array => {
    const head = new Uint8Array(length);
    storage.readInto(0, head);
    return head;
  };
  const header = readNpyHeader(storage.bytes, read, source.name, place);
  return npyTensor(name, header, storage, source.name, place);
}

function checkpointOf(source: ByteSource, arrays: readonly (NpyTensor | string)[]): Checkpoint {
  const tensors = arrays.flatMap((each) => (typeof each === 'string' ? [] : [each.tensor]));
  const notes = arrays
    .map((each) => (typeof each === 'string' ? each : each.note))
    .filter((note) => note !== '');
  const texts = notes.slice(0, MOST_WARNINGS);
  const more = notes.length - texts.length;
  if (more > 0) texts.push(`${String(more)} more arrays have something to be told of.`);
  const warnings = texts.map((text): CheckpointWarning => ({ text, advice: '', offset: null }));
  return {
    format: 'npz',
    framework: '',
    files: [source.name],
    bytes: source.size,
    models: [{ name: 'model', className: '', tensors }],
    warnings,
    epoch: null,
    close: () => {
      source.close();
    },
  };
}
