import * as z from 'zod/mini';
import type { TensorKind } from '../freeze/tensor';
import type { TensorInfo } from './inspection';
import { leavesOf, type LayerJson, type Leaf } from './tfjsTopology';

/** An entry of a weights manifest; of a quantized weight, `dtype` is that of the model. */
export const weightSchema = z.object({
  name: z.string(),
  shape: z.array(z.int().check(z.nonnegative())),
  dtype: z.string(),
  /** `optimizer` for an optimizer's own state, saved with `includeOptimizer`. */
  group: z.optional(z.string()),
});
export type WeightJson = z.infer<typeof weightSchema>;

/** Recurrent layers, whose weights carry the cell's name too when Keras wrote them. */
const RECURRENT: ReadonlySet<string> = new Set(['LSTM', 'GRU', 'SimpleRNN', 'ConvLSTM2D']);

/** Weights that are not trainable by construction, by their name within the layer. */
const STATISTICS: ReadonlyMap<string, RegExp> = new Map([
  ['BatchNormalization', /^moving_(mean|variance)$/],
  ['SyncBatchNormalization', /^moving_(mean|variance)$/],
  ['Normalization', /^(mean|variance|count)$/],
]);

/**
 * The tensors of a model: the name of a weight in the manifest behind the names of the nested
 * models that hold its layer. The name in the manifest stays as an alias when it is unique.
 */
export function nameWeights(
  topology: LayerJson | null,
  manifest: readonly WeightJson[],
): readonly TensorInfo[] {
  const weights = manifest.filter(({ group }) => group !== 'optimizer');
  const owners = new Map<string, Leaf[]>();
  let longest = 0;
  for (const leaf of topology === null ? [] : leavesOf(topology)) {
    longest = Math.max(longest, leaf.name.length);
    const known = owners.get(leaf.name);
    if (known === undefined) owners.set(leaf.name, [leaf]);
    else known.push(leaf);
  }
  const seen = new Map<string, number>();
  const taken = new Set<string>();
  const named = weights.map((weight) => {
    const times = seen.get(weight.name) ?? 0;
    seen.set(weight.name, times + 1);
    const each = nameWeight(weight, ownerOf(owners, longest, weight.name, times));
    taken.add(each.tensor.name);
    return each;
  });
  return named.map(({ tensor, own }, index) => {
    const unique = seen.get(weights[index]?.name ?? own) === 1 && !taken.has(own);
    return unique ? { ...tensor, aliases: [own] } : tensor;
  });
}

/**
 * The layer of a weight: the longest layer name that the weight's name begins with. Layers of
 * different nested models may bear one name: their weights then come in the order of the layers.
 */
function ownerOf(
  owners: ReadonlyMap<string, readonly Leaf[]>,
  longest: number,
  weight: string,
  times: number,
): Leaf | undefined {
  for (
    let end = weight.lastIndexOf('/', longest);
    end > 0;
    end = weight.lastIndexOf('/', end - 1)
  ) {
    const leaves = owners.get(weight.slice(0, end));
    if (leaves !== undefined) return leaves[times] ?? leaves.at(-1);
  }
  return undefined;
}

function nameWeight(
  weight: WeightJson,
  owner: Leaf | undefined,
): { readonly tensor: TensorInfo; readonly own: string } {
  const { shape, dtype } = weight;
  const within = owner && withoutCell(owner.type, weight.name.slice(owner.name.length + 1));
  const own = owner === undefined ? weight.name : `${owner.name}/${within ?? ''}`;
  const name = owner === undefined ? weight.name : `${owner.path}/${within ?? ''}`;
  const slash = name.lastIndexOf('/');
  const type = owner === undefined ? '' : ownerClass(owner, own);
  const kind = kindOf(type, name.slice(slash + 1));
  return {
    tensor: { name, kind, module: name.slice(0, Math.max(0, slash)), type, dtype, shape },
    own,
  };
}

/** The class that made the weight: of stacked cells, that of the cell in `rnn/RNNCell_1/kernel`. */
function ownerClass({ type, inner }: Leaf, name: string): string {
  const cell = Number(/\/RNNCell_(\d+)\//.exec(name)?.[1] ?? 0);
  return inner[cell] ?? inner[0] ?? type;
}

/**
 * Keras since TF 2.2 writes `lstm/lstm_cell/kernel` for what TF.js calls `lstm/kernel`
 * (`loadWeights` in tfjs-layers' container.ts drops the cell just so).
 */
function withoutCell(type: string, within: string): string {
  const parts = within.split('/');
  const own = RECURRENT.has(type) ? 1 : type === 'Bidirectional' ? 2 : parts.length;
  return parts.length > own ? [...parts.slice(0, -2), ...parts.slice(-1)].join('/') : within;
}

/** Without a topology the class is unknown; only BatchNorm's names are plain then. */
function kindOf(type: string, within: string): TensorKind {
  const pattern = STATISTICS.get(type === '' ? 'BatchNormalization' : type);
  return pattern?.test(within) === true ? 'statistic' : 'parameter';
}
