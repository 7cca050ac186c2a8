import type { ByteSource } from '../byteSource';
import type { Checkpoint, CheckpointReader, CheckpointWarning, StoredTensor } from '../checkpoint';
import { CheckpointError } from '../checkpointError';
import { isHdf5 } from '../hdf5/h5File';
import { readHdf5, type H5Group } from '../hdf5/readHdf5';
import { parseJson } from '../jsonSource';
import { kerasTensor, type NamedDataset } from './kerasTensor';
import { layerConfig, type LayerConfig } from './layerConfig';
import { legacyLayers, legacyVariables } from './legacyWeights';
import { namedVariables, rootName } from './weightsTree';

export const kerasReader: CheckpointReader = { matches: isHdf5, read: readKerasH5 };

/** Weights that are listed of those that cannot be read. */
const MOST_WARNINGS = 20;

/**
 * Reads a `.weights.h5` of Keras 3, or an `.h5` of a whole model.
 * @throws CheckpointError
 */
export function readKerasH5(source: ByteSource): Checkpoint {
  const root = readHdf5(source);
  const text = root.attributes.get('model_config');
  const config = typeof text === 'string' ? layerConfig(parseJson(text, source.name)) : null;
  return kerasCheckpoint(root, config, [source]);
}

/**
 * @param sources the file and its shards; closed with the checkpoint
 * @throws CheckpointError when Keras did not write it
 */
export function kerasCheckpoint(
  root: H5Group,
  config: LayerConfig | null,
  sources: readonly ByteSource[],
): Checkpoint {
  const legacy = legacyLayers(root);
  const named = legacy === null ? namedVariables(root, config) : legacyVariables(legacy, config);
  if (named.length === 0) {
    const reason = 'this is an HDF5 file in which Keras saved no weights.';
    throw new CheckpointError(sources[0]?.name ?? '', 0, reason);
  }
  const { tensors, warnings } = tensorsOf(named);
  return {
    format: 'keras',
    framework: 'keras',
    files: sources.map(({ name }) => name),
    bytes: sources.reduce((sum, { size }) => sum + size, 0),
    models: [
      {
        name: nameOf(root, config),
        className: config?.className ?? '',
        tensors,
      },
    ],
    warnings,
    epoch: null,
    close: () => {
      for (const source of sources) source.close();
    },
  };
}

/** A subclassed model has its name in the weights alone. */
function nameOf(root: H5Group, config: LayerConfig | null): string {
  const own = config?.name ?? '';
  return own === '' ? (rootName(root) ?? 'model') : own;
}

function tensorsOf(named: readonly NamedDataset[]): {
  readonly tensors: readonly StoredTensor[];
  readonly warnings: readonly CheckpointWarning[];
} {
  const all = named.map(kerasTensor);
  const refused = all.filter((each) => typeof each === 'string');
  const more = refused.length - MOST_WARNINGS;
  const texts = refused.slice(0, MOST_WARNINGS);
  if (more > 0) texts.push(`${String(more)} more weights cannot be read.`);
  return {
    tensors: all.filter((each) => typeof each !== 'string'),
    warnings: texts.map((text) => ({ text, advice: '', offset: null })),
  };
}
