import { nameOf } from '../../tfjsTopology';
import { nameWeights } from '../../tfjsWeights';
import type { ByteSource, SiblingFiles } from '../byteSource';
import type { Checkpoint, CheckpointWarning, StoredTensor } from '../checkpoint';
import { CheckpointError, quoted } from '../checkpointError';
import { JoinedSource } from '../joinedSource';
import { placeWeights, type PlacedWeight } from './tfjsLayout';
import { readManifest, type WeightGroup } from './tfjsManifest';

const GRAPH: CheckpointWarning = {
  text: 'this is a TF.js graph model: its weights are constants, which TensorFlow.js cannot train.',
  advice:
    'To freeze and train, convert the original with tensorflowjs_converter --output_format=tfjs_layers_model.',
  offset: null,
};

/**
 * Reads a TF.js `model.json` of either kind, or a bare weights manifest. The names are those that
 * the hook gives the tensors; quantized weights are read as TF.js reads them.
 * @param value the parsed file
 * @throws CheckpointError also when a shard is missing or too short
 */
export function readTfjs(value: unknown, source: ByteSource, siblings: SiblingFiles): Checkpoint {
  const { topology, isGraph, groups } = readManifest(value, source.name);
  const shards: ByteSource[] = [];
  const open = shardOpener(source, siblings, shards);
  try {
    const placed = groups.flatMap((group) => placeGroup(group, source, open));
    return {
      format: 'tensorflow.js',
      framework: 'tensorflow.js',
      files: [source, ...shards].map(({ name }) => name),
      bytes: [source, ...shards].reduce((sum, { size }) => sum + size, 0),
      models: [
        {
          name: topology === null ? 'model' : nameOf(topology),
          className: topology?.class_name ?? '',
          tensors: tensorsOf(topology, placed),
        },
      ],
      warnings: warningsOf(isGraph, placed),
      epoch: null,
      close: () => {
        for (const each of [source, ...shards]) each.close();
      },
    };
  } catch (error) {
    for (const shard of shards) shard.close();
    throw error;
  }
}

/** Opens a shard and adds it to `opened`; a file belongs to one place of one group. */
function shardOpener(
  { name }: ByteSource,
  siblings: SiblingFiles,
  opened: ByteSource[],
): (path: string) => ByteSource {
  const seen = new Set<string>();
  return (path) => {
    if (seen.has(path)) {
      const shown = quoted(path);
      throw new CheckpointError(name, null, `it names the file ${shown} twice.`);
    }
    seen.add(path);
    const shard = siblings.open(path);
    opened.push(shard);
    return shard;
  };
}

function placeGroup(
  { paths, weights }: WeightGroup,
  source: ByteSource,
  open: (path: string) => ByteSource,
): readonly PlacedWeight[] {
  const parts = paths.map(open);
  const [only, ...more] = parts;
  if (only === undefined && weights.length > 0) {
    throw new CheckpointError(source.name, null, 'a group of its weights names no file.');
  }
  const joined = only !== undefined && more.length === 0 ? only : new JoinedSource(parts);
  return placeWeights(weights, joined, source.name);
}

function tensorsOf(
  topology: Parameters<typeof nameWeights>[0],
  placed: readonly PlacedWeight[],
): readonly StoredTensor[] {
  const ofModel = placed.filter(({ weight }) => weight.group !== 'optimizer');
  const named = nameWeights(
    topology,
    ofModel.map(({ weight }) => weight),
  );
  return named.flatMap((info, index) => {
    const value = ofModel[index]?.value ?? null;
    return value === null ? [] : [{ ...info, ...value, offset: 0, strides: null }];
  });
}

function warningsOf(
  isGraph: boolean,
  placed: readonly PlacedWeight[],
): readonly CheckpointWarning[] {
  const texts = placed.filter(({ value }) => value === null).length;
  const quantized = placed.filter(({ weight }) => weight.quantization !== undefined);
  const kinds = new Set(quantized.map(({ weight }) => weight.quantization?.dtype));
  return [
    ...(isGraph ? [GRAPH] : []),
    ...(quantized.length === 0
      ? []
      : [
          warning(
            `${weightsText(quantized.length)} quantized as ${[...kinds].join(', ')}: compared are the values that TF.js makes of them.`,
          ),
        ]),
    ...(texts === 0 ? [] : [warning(`${weightsText(texts)} of texts, which are not listed.`)]),
  ];
}

function weightsText(count: number): string {
  return count === 1 ? '1 weight is' : `${String(count)} weights are`;
}

function warning(text: string): CheckpointWarning {
  return { text, advice: '', offset: null };
}
