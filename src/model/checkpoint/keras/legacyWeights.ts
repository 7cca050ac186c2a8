/**
 * Keras's HDF5 files from before Keras 3, and of `model.save('….h5')` in it: the weights' names
 * stand in attributes (keras/src/legacy/saving/legacy_h5_format.py).
 */
import type { Attributes } from '../hdf5/attributes';
import type { H5Dataset, H5Group } from '../hdf5/readHdf5';
import type { NamedDataset } from './kerasTensor';
import { layerIn, layersOf, type LayerConfig } from './layerConfig';

/** The group that holds the layers; null when the file is of another kind. */
export function legacyLayers(root: H5Group): H5Group | null {
  const weights = root.children.get('model_weights');
  const group = weights?.kind === 'group' ? weights : root;
  return textsOf(group.attributes, 'layer_names') === null ? null : group;
}

export function legacyVariables(
  group: H5Group,
  config: LayerConfig | null,
): readonly NamedDataset[] {
  const classes = new Map<string, string>();
  collectClasses(config, classes);
  const layers = [...(textsOf(group.attributes, 'layer_names') ?? []), 'top_level_model_weights'];
  const seen = new Set<string>();
  const outermost = outermostName(group, layers);
  return layers.flatMap((layer) => {
    const child = group.children.get(layer);
    if (child?.kind !== 'group') return [];
    return (textsOf(child.attributes, 'weight_names') ?? []).flatMap((weight) => {
      const dataset = datasetAt(child, weight);
      if (dataset === null) return [];
      // TensorFlow numbers the outputs of what computes a weight: `dense/kernel:0`.
      const plain = weight.replace(/:0$/, '').slice(outermost.length);
      const name = seen.has(plain) ? `${layer}/${plain}` : plain;
      seen.add(name);
      return [{ name, aliases: [], type: classOf(plain, classes), dataset }];
    });
  });
}

/** The name of the model with a slash, where the names of all weights begin with it; else empty. */
function outermostName({ children }: H5Group, layers: readonly string[]): string {
  const all = layers.flatMap((layer) => {
    const child = children.get(layer);
    return child?.kind === 'group' ? (textsOf(child.attributes, 'weight_names') ?? []) : [];
  });
  const [first = ''] = all;
  const name = first.slice(0, first.indexOf('/') + 1);
  const isLayer = layers.includes(name.slice(0, -1));
  return !isLayer && all.every((weight) => weight.startsWith(name)) ? name : '';
}

/** Long lists are cut into `name0`, `name1`, … (`save_attributes_to_hdf5_group`). */
function textsOf(attributes: Attributes, name: string): readonly string[] | null {
  const whole = attributes.get(name);
  if (whole !== undefined) return typeof whole === 'string' ? [whole] : whole;
  const texts: string[] = [];
  for (let index = 0; ; index++) {
    const part = attributes.get(`${name}${String(index)}`);
    if (part === undefined) return index === 0 ? null : texts;
    for (const text of typeof part === 'string' ? [part] : part) texts.push(text);
  }
}

function datasetAt(group: H5Group, path: string): H5Dataset | null {
  let place: H5Group | H5Dataset | undefined = group;
  for (const part of path.split('/')) {
    if (place?.kind !== 'group') return null;
    place = place.children.get(part);
  }
  return place?.kind === 'dataset' ? place : null;
}

/** Models are nested as deep as the JSON of the config. */
function collectClasses(layer: LayerConfig | null, classes: Map<string, string>): void {
  for (const child of layersOf(layer)) {
    classes.set(child.name, child.className);
    for (const attribute of ['forward_layer', 'backward_layer', 'cell']) {
      const inner = layerIn(child, attribute);
      if (inner !== null) classes.set(inner.name, inner.className);
    }
    collectClasses(child, classes);
  }
}

/** The class of the innermost layer in a weight's name; of a recurrent layer's cell, the cell's. */
function classOf(weight: string, classes: ReadonlyMap<string, string>): string {
  const parts = weight.split('/').slice(0, -1);
  for (const [index, part] of [...parts.entries()].reverse()) {
    const found = classes.get(part);
    if (found === undefined) continue;
    const inCell = parts[index + 1]?.includes('_cell') === true;
    return inCell && /^(LSTM|GRU|SimpleRNN)$/.test(found) ? `${found}Cell` : found;
  }
  return '';
}
