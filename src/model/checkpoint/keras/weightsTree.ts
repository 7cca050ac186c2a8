/**
 * Names of the variables in a `.weights.h5` of Keras 3, which are numbers in groups that are called
 * after classes and attributes: `layers/conv2d_1/vars/0` (`_save_state` in
 * keras/src/saving/saving_lib.py). They become the paths that Keras gives its variables, without
 * the name of the model.
 */
import type { H5Dataset, H5Group } from '../hdf5/readHdf5';
import type { NamedDataset } from './kerasTensor';
import { cellsOf, layerIn, layersOf, type LayerConfig } from './layerConfig';
import { classByName, snakeCase, variableNames } from './layerVariables';

const VARIABLES = 'vars';
/** At the root: the state of the optimizer is no part of the model. */
const OPTIMIZER = 'optimizer';

/** A layer or model in the file. */
interface Place {
  readonly group: H5Group;
  /** What is known of it by the config. */
  readonly layer: LayerConfig | null;
  readonly className: string;
  /** Of its variables: Keras leaves the names of Functional models out of it. */
  readonly path: readonly string[];
  /** With the names of all models around it but the outermost. */
  readonly fullPath: readonly string[];
}

/** Name that the root gives itself; null for older files. */
export function rootName(root: H5Group): string | null {
  return ownName(root);
}

/** @param config of the model; null when the file holds none: then names are as near as can be told */
export function namedVariables(root: H5Group, config: LayerConfig | null): readonly NamedDataset[] {
  const found: { readonly place: Place; readonly own: string; readonly dataset: H5Dataset }[] = [];
  const visit = (place: Place): void => {
    for (const [own, dataset] of variablesOf(place)) found.push({ place, own, dataset });
    for (const child of childrenOf(place, place.group === root)) visit(child);
  };
  visit(rootPlace(root, config));
  const times = new Map<string, number>();
  const paths = found.map(({ place, own }) => [...place.path, own].join('/'));
  for (const path of paths) times.set(path, (times.get(path) ?? 0) + 1);
  return found.map(({ place, own, dataset }, index) => {
    const path = paths[index] ?? own;
    const fullPath = [...place.fullPath, own].join('/');
    const type = place.className;
    // Layers of two Functional models may bear one name.
    if (times.get(path) !== 1) return { name: fullPath, aliases: [], type, dataset };
    return { name: path, aliases: path === fullPath ? [] : [fullPath], type, dataset };
  });
}

/** As everywhere in Permafrost, the name of the outermost model is no part of the names. */
function rootPlace(group: H5Group, layer: LayerConfig | null): Place {
  return { group, layer, className: layer?.className ?? '', path: [], fullPath: [] };
}

function isFunctional(className: string): boolean {
  return className === 'Functional' || className === 'Model';
}

function variablesOf({
  group,
  layer,
  className,
}: Place): readonly (readonly [string, H5Dataset])[] {
  const variables = group.children.get(VARIABLES);
  if (variables?.kind !== 'group') return [];
  const datasets = [...variables.children]
    .flatMap(([key, each]) => (each.kind === 'dataset' ? [[key, each] as const] : []))
    .sort(([a], [b]) => byNumber(a, b));
  const type = datasets[0]?.[1].type;
  const quantized = type?.kind === 'number' && type.dtype === 'int8';
  const names = variableNames(className, layer?.config ?? null, datasets.length, quantized);
  const numbered = datasets.every(([key], index) => key === String(index));
  return datasets.map(([key, each], index) => [numbered ? (names[index] ?? key) : key, each]);
}

function childrenOf(place: Place, isRoot: boolean): readonly Place[] {
  return [...place.group.children].flatMap(([key, child]) => {
    if (child.kind !== 'group' || key === VARIABLES || (isRoot && key === OPTIMIZER)) return [];
    if (key === 'layers') return inList(place, child, layersOf(place.layer));
    if (key === 'cells') return inList(place, child, cellsOf(place.layer));
    const layer = layerIn(place.layer, key);
    if (layer !== null || child.children.has(VARIABLES)) return [placeOf(place, key, child, layer)];
    // A list or a dictionary of layers in an attribute.
    return inList(place, child, []);
  });
}

/** The layers in a group that stands for a list: each is called after its class, and numbered. */
function inList(around: Place, list: H5Group, layers: readonly LayerConfig[]): readonly Place[] {
  const times = new Map<string, number>();
  const byKey = new Map<string, LayerConfig>();
  const byName = new Map<string, LayerConfig>();
  for (const layer of layers) {
    const snake = snakeCase(layer.className);
    const count = times.get(snake) ?? 0;
    times.set(snake, count + 1);
    byKey.set(count === 0 ? snake : `${snake}_${String(count)}`, layer);
    byName.set(layer.name, layer);
  }
  const order = new Map([...byName.keys()].map((name, index) => [name, index]));
  return [...list.children]
    .sort(([a], [b]) => byNumber(a, b))
    .flatMap(([key, child]) => {
      if (child.kind !== 'group') return [];
      const layer = byName.get(ownName(child) ?? '') ?? byKey.get(key) ?? null;
      return [placeOf(around, key, child, layer)];
    })
    .sort((a, b) => indexOf(order, a) - indexOf(order, b));
}

function indexOf(order: ReadonlyMap<string, number>, { layer }: Place): number {
  return order.get(layer?.name ?? '') ?? order.size;
}

function placeOf(around: Place, key: string, group: H5Group, layer: LayerConfig | null): Place {
  const named = ownName(group) ?? (layer?.name === '' ? null : layer?.name) ?? null;
  const name = named ?? defaultName(around, key);
  const className =
    layer?.className ??
    classIn(around.className, key) ??
    classByName(key) ??
    classByName(name) ??
    '';
  const path = isFunctional(className) ? around.path : [...around.path, name];
  return { group, layer, className, path, fullPath: [...around.fullPath, name] };
}

/** Classes of layers that others make for themselves. */
function classIn(owner: string, attribute: string): string | null {
  if (attribute === 'cell' && /^(LSTM|GRU|SimpleRNN)$/.test(owner)) return `${owner}Cell`;
  if (attribute === 'cell' && owner.startsWith('ConvLSTM')) return 'ConvLSTMCell';
  return owner.endsWith('Attention') && attribute.endsWith('_dense') ? 'EinsumDense' : null;
}

/** What Keras calls the layers that others make for themselves. */
function defaultName(around: Place, key: string): string {
  const className = classIn(around.className, key);
  if (className === 'EinsumDense') {
    return key === 'output_dense' ? 'attention_output' : key.replace(/^_|_dense$/g, '');
  }
  return className === null ? key : snakeCase(className);
}

function ownName(group: H5Group): string | null {
  const variables = group.children.get(VARIABLES);
  const name = variables?.kind === 'group' ? variables.attributes.get('name') : undefined;
  return typeof name === 'string' ? name : null;
}

/** `conv2d_2` before `conv2d_10`. */
function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
