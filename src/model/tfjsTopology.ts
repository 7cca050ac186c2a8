/**
 * The topology in a TF.js `model.json`: the Keras JSON of a LayersModel, as `model.toJSON()` of
 * tfjs-layers and `tensorflowjs_converter` write it.
 */
import * as z from 'zod/mini';

/** What is read of a layer or model; the rest of its config does not matter here. */
export interface LayerJson {
  readonly class_name: string;
  /** Functional models write the name here too. */
  readonly name?: string | undefined;
  /** Sequential models of old Keras have their layers here, without a name. */
  readonly config: LayerConfig | readonly LayerJson[];
}

interface LayerConfig {
  readonly name?: string | undefined;
  /** A model's layers; absent in a plain layer. */
  readonly layers?: readonly LayerJson[] | undefined;
  /** The layer in a wrapper: Bidirectional, TimeDistributed. */
  readonly layer?: LayerJson | undefined;
  /** The cell or cells of an RNN layer. */
  readonly cell?: LayerJson | undefined;
  readonly cells?: readonly LayerJson[] | undefined;
}

const layer: z.ZodMiniType<LayerJson> = z.object({
  class_name: z.string(),
  name: z.optional(z.string()),
  config: z.union([
    z.array(z.lazy(() => layer)),
    z.object({
      name: z.optional(z.string()),
      layers: z.optional(z.array(z.lazy(() => layer))),
      layer: z.optional(z.lazy(() => layer)),
      cell: z.optional(z.lazy(() => layer)),
      cells: z.optional(z.array(z.lazy(() => layer))),
    }),
  ]),
});

/** The model itself, or a whole Keras model file that holds it. */
export const topologySchema = z.union([layer, z.object({ model_config: layer })]);

/** A layer that owns weights itself. */
export interface Leaf {
  /** The layer's own name: the prefix of its weights' names. */
  readonly name: string;
  /** With the names of the models around it, except the outermost: `backbone/conv1`. */
  readonly path: string;
  readonly type: string;
  /** Classes of the layers or cells that a wrapper holds and that own its weights. */
  readonly inner: readonly string[];
}

/** Name of a model or layer; the framework's default for old Keras Sequential models. */
export function nameOf(model: LayerJson): string {
  const inConfig = 'name' in model.config ? model.config.name : undefined;
  return model.name ?? inConfig ?? model.class_name.toLowerCase();
}

/** All layers that are not models themselves, in the order in which they were added. */
export function leavesOf(model: LayerJson, prefix = ''): readonly Leaf[] {
  return (layersOf(model) ?? []).flatMap((child) => {
    const name = nameOf(child);
    const path = prefix + name;
    return layersOf(child) === undefined
      ? [{ name, path, type: child.class_name, inner: innerClasses(child) }]
      : leavesOf(child, `${path}/`);
  });
}

/** TF.js makes the weights of a plain recurrent layer in a cell, but the layer's they are. */
function innerClasses({ config }: LayerJson): readonly string[] {
  if (isList(config)) return [];
  const inner = config.cells ?? [config.layer ?? config.cell].filter((each) => each !== undefined);
  return inner.flatMap((each) => {
    const below = innerClasses(each);
    return below.length === 0 ? [each.class_name] : below;
  });
}

function layersOf({ config }: LayerJson): readonly LayerJson[] | undefined {
  return isList(config) ? config : config.layers;
}

function isList(config: LayerJson['config']): config is readonly LayerJson[] {
  return Array.isArray(config);
}
