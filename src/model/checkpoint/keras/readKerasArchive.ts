import type { ByteSource } from '../byteSource';
import type { Checkpoint } from '../checkpoint';
import { CheckpointError } from '../checkpointError';
import { readHdf5 } from '../hdf5/readHdf5';
import { parseJson } from '../jsonSource';
import { MemorySource } from '../memorySource';
import { WindowSource } from '../windowSource';
import { readEntry, type ZipArchive, type ZipEntry } from '../zip/zip';
import { layerConfig } from './layerConfig';
import { kerasCheckpoint } from './readKeras';

const CONFIG = 'config.json';
const WEIGHTS = 'model.weights.h5';

/** Bytes. Keras compresses nothing; an archive that somebody compressed is unpacked into memory. */
const MAX_CONFIG = 100_000_000;
const MAX_COMPRESSED = 128 * 1024 * 1024;

/** Whether an archive is what `model.save('….keras')` writes. */
export function isKerasArchive({ entries }: ZipArchive): boolean {
  return (
    entries.has(CONFIG) && [...entries.keys()].some((name) => name.startsWith('model.weights'))
  );
}

/**
 * Reads a `.keras` file of Keras 3.
 * @throws CheckpointError
 */
export function readKerasArchive(source: ByteSource, archive: ZipArchive): Checkpoint {
  const config = archive.entries.get(CONFIG);
  const weights = archive.entries.get(WEIGHTS);
  if (config === undefined || weights === undefined) {
    const reason = `its weights are not in ${WEIGHTS}. Save the model anew as .keras or .weights.h5.`;
    throw new CheckpointError(source.name, null, reason);
  }
  const text = new TextDecoder().decode(readEntry(source, config, MAX_CONFIG));
  const layer = layerConfig(parseJson(text, `${source.name}: ${CONFIG}`));
  const root = readHdf5(contentOf(source, weights));
  return kerasCheckpoint(root, layer, [source]);
}

function contentOf(source: ByteSource, entry: ZipEntry): ByteSource {
  const name = `${source.name}: ${WEIGHTS}`;
  if (entry.method === 'stored') return new WindowSource(source, entry.offset, entry.bytes, name);
  return new MemorySource(name, readEntry(source, entry, MAX_COMPRESSED));
}
