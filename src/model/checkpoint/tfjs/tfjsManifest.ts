import * as z from 'zod/mini';
import { topologySchema, type LayerJson } from '../../tfjsTopology';
import { weightSchema } from '../../tfjsWeights';
import { CheckpointError } from '../checkpointError';

/** Characters: names are looked up part by part, which a name of megabytes would make slow. */
const LONGEST_NAME = 2048;

const quantizationSchema = z.union([
  z.object({ dtype: z.enum(['uint8', 'uint16']), min: z.number(), scale: z.number() }),
  z.object({ dtype: z.literal('float16') }),
]);
export type Quantization = z.infer<typeof quantizationSchema>;

/** An entry of the manifest with where its values stand (`WeightsManifestEntry` of tfjs-core). */
const storedWeightSchema = z.extend(weightSchema, {
  name: z.string().check(z.maxLength(LONGEST_NAME)),
  quantization: z.optional(quantizationSchema),
});
export type StoredWeight = z.infer<typeof storedWeightSchema>;

/** Weights that stand one behind the other in the files `paths`, which count as one. */
const groupSchema = z.object({
  paths: z.array(z.string()),
  weights: z.array(storedWeightSchema),
});
export type WeightGroup = z.infer<typeof groupSchema>;

const modelSchema = z.object({
  format: z.optional(z.nullable(z.string())),
  modelTopology: z.optional(z.nullable(z.unknown())),
  weightsManifest: z.array(groupSchema),
});

export interface TfjsManifest {
  /** Null for a graph model, and where there is none. */
  readonly topology: LayerJson | null;
  readonly isGraph: boolean;
  readonly groups: readonly WeightGroup[];
}

/** Whether it is a TF.js `model.json`, or the bare weights manifest of one. */
export function isTfjsJson(value: unknown): boolean {
  if (Array.isArray(value)) {
    const first = value[0] as unknown;
    return typeof first === 'object' && first !== null && 'weights' in first;
  }
  if (typeof value !== 'object' || value === null) return false;
  return 'weightsManifest' in value || 'modelTopology' in value;
}

/**
 * @param value the parsed file
 * @throws CheckpointError naming the place within it
 */
export function readManifest(value: unknown, file: string): TfjsManifest {
  if (Array.isArray(value)) {
    const groups = checked(z.array(groupSchema), value, file, []);
    return { topology: null, isGraph: false, groups };
  }
  const { format, modelTopology, weightsManifest } = checked(modelSchema, value, file, []);
  const isGraph = format === 'graph-model' || hasNodes(modelTopology);
  if (isGraph || modelTopology === undefined || modelTopology === null) {
    return { topology: null, isGraph, groups: weightsManifest };
  }
  const topology = checked(topologySchema, modelTopology, file, ['modelTopology']);
  const model = 'model_config' in topology ? topology.model_config : topology;
  return { topology: model, isGraph, groups: weightsManifest };
}

/** Whether it is a TensorFlow GraphDef. */
function hasNodes(topology: unknown): boolean {
  return typeof topology === 'object' && topology !== null && 'node' in topology;
}

function checked<T>(
  schema: z.ZodMiniType<T>,
  value: unknown,
  file: string,
  within: readonly string[],
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = [...within, ...(issue?.path ?? [])].map(String).join('.');
  const where = path === '' ? '' : `"${path}": `;
  throw new CheckpointError(file, null, `${where}${issue?.message ?? 'malformed'}.`);
}
