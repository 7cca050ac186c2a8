/** What a Keras config says of a layer and of the layers in it; of nothing else. */
export interface LayerConfig {
  readonly className: string;
  /** Empty when the config has none: cells of recurrent layers. */
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

/** A layer or model as Keras serialises it: `{"class_name": …, "config": {…}}`; null for others. */
export function layerConfig(value: unknown): LayerConfig | null {
  if (!isFields(value) || typeof value['class_name'] !== 'string') return null;
  const { class_name: className, config, name } = value;
  // Sequential models of old Keras have their layers in place of a config.
  const fields = Array.isArray(config) ? { layers: config } : isFields(config) ? config : {};
  const own = fields['name'] ?? name;
  return { className, name: typeof own === 'string' ? own : '', config: fields };
}

/** The layers of a model in its order; empty for a plain layer. */
export function layersOf(layer: LayerConfig | null): readonly LayerConfig[] {
  return listed(layer?.config['layers']);
}

/** Attributes under which wrappers and recurrent layers keep others, and their key in the config. */
const ATTRIBUTES: ReadonlyMap<string, string> = new Map([
  ['layer', 'layer'],
  ['forward_layer', 'layer'],
  ['backward_layer', 'backward_layer'],
  ['cell', 'cell'],
]);

/** The layer that another keeps in an attribute; null when the config does not say. */
export function layerIn(layer: LayerConfig | null, attribute: string): LayerConfig | null {
  return layerConfig(layer?.config[ATTRIBUTES.get(attribute) ?? '']);
}

/** The cells of stacked cells. */
export function cellsOf(layer: LayerConfig | null): readonly LayerConfig[] {
  return listed(layer?.config['cells']);
}

function listed(value: unknown): readonly LayerConfig[] {
  if (!Array.isArray(value)) return [];
  return value.map(layerConfig).filter((each) => each !== null);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
