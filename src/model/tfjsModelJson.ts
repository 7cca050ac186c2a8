import * as z from 'zod/mini';
import type { Inspection } from './inspection';
import { formatError, parseJsonFile } from './jsonFile';
import { nameOf, topologySchema, type LayerJson } from './tfjsTopology';
import { nameWeights, weightSchema } from './tfjsWeights';

const manifestSchema = z.array(z.object({ weights: z.array(weightSchema) }));

const graphModelSchema = z.union([
  z.object({ format: z.literal('graph-model') }),
  z.object({ modelTopology: z.object({ node: z.array(z.unknown()) }) }),
]);

const layersModelSchema = z.object({
  modelTopology: z.optional(z.nullable(topologySchema)),
  weightsManifest: manifestSchema,
});

const GRAPH_MODEL =
  'this is a TF.js graph model: its weights are constants, which TensorFlow.js cannot train, so ' +
  'there is nothing to freeze. Convert the original with tensorflowjs_converter ' +
  '--output_format=tfjs_layers_model, or save a LayersModel with model.save().';

/**
 * Reads the named tensors of a TF.js LayersModel from its `model.json` (also one without a
 * topology, and a bare weights manifest), under the names that the hook gives them. Executes
 * nothing and reads no weights.
 * @param source path for messages and for the inspection
 * @throws FileFormatError with file and place; for a graph model it says why and the way out
 */
export function readTfjsModelJson(text: string, source: string): Inspection {
  const value = parseJsonFile(text, source, z.unknown());
  if (graphModelSchema.safeParse(value).success) {
    throw formatError(text, source, ['format'], GRAPH_MODEL);
  }
  const { modelTopology = null, weightsManifest } = Array.isArray(value)
    ? { weightsManifest: parseJsonFile(text, source, manifestSchema) }
    : parseJsonFile(text, source, layersModelSchema);
  const topology = modelOf(modelTopology);
  const weights = weightsManifest.flatMap((group) => group.weights);
  return {
    version: 1,
    framework: 'tensorflow.js',
    source,
    time: Date.now(),
    models: [
      {
        name: topology === null ? 'model' : nameOf(topology),
        className: topology?.class_name ?? '',
        tensors: nameWeights(topology, weights),
      },
    ],
  };
}

function modelOf(topology: z.infer<typeof topologySchema> | null): LayerJson | null {
  return topology !== null && 'model_config' in topology ? topology.model_config : topology;
}
