import type { TensorInfo } from '../model/inspection';
import { leafWeights, type LeafWeight } from './leafLayers';
import type { TfModel, TfVariable } from './tfjsTypes';

/** A tensor of a model as rules and reports know it, with the variable that holds it. */
export interface NamedVariable {
  readonly info: TensorInfo;
  readonly variable: TfVariable;
}

/**
 * Names the tensors of a LayersModel. The primary name is the framework's own (`conv1/kernel`)
 * behind the names of the nested models that it lies in (`backbone/conv1/kernel`); the short name
 * is an alias when no other tensor of the model has it. A weight reached by two ways is one tensor
 * with two names.
 */
export function nameTensors(model: TfModel): readonly NamedVariable[] {
  const leaves = leafWeights(model);
  const taken = new Map<string, TfVariable>();
  const names = new Map<TfVariable, { first: LeafWeight; names: string[] }>();
  for (const leaf of leaves) {
    const variable = leaf.weight.val;
    const name = freeName(leaf, taken);
    taken.set(name, variable);
    const known = names.get(variable);
    if (known === undefined) names.set(variable, { first: leaf, names: [name] });
    else if (!known.names.includes(name)) known.names.push(name);
  }
  const shortUses = new Map<string, number>();
  for (const { first } of names.values()) {
    const short = first.weight.originalName;
    shortUses.set(short, (shortUses.get(short) ?? 0) + 1);
  }
  return [...names].map(
    ([
      variable,
      {
        first,
        names: [name = '', ...others],
      },
    ]) => {
      const short = first.weight.originalName;
      const unique = shortUses.get(short) === 1 && !taken.has(short);
      const aliases = unique ? [...others, short] : others;
      return { variable, info: describe(variable, first, name, aliases) };
    },
  );
}

function describe(
  variable: TfVariable,
  leaf: LeafWeight,
  name: string,
  aliases: readonly string[],
): TensorInfo {
  return {
    name,
    ...(aliases.length > 0 && { aliases }),
    kind: leaf.kind,
    module: name.slice(0, Math.max(0, name.lastIndexOf('/'))),
    type: leaf.type,
    dtype: variable.dtype,
    shape: [...variable.shape],
  };
}

/** Layers built inside a custom layer may give two weights one name: then the layers tell apart. */
function freeName(leaf: LeafWeight, taken: ReadonlyMap<string, TfVariable>): string {
  const { originalName, val } = leaf.weight;
  const isFree = (name: string): boolean => (taken.get(name) ?? val) === val;
  const plain = [...leaf.models, originalName].join('/');
  const isOwn = !leaf.isPart || originalName.includes(`${leaf.layers.at(-1) ?? ''}/`);
  if (isOwn && isFree(plain)) return plain;
  const last = originalName.slice(originalName.lastIndexOf('/') + 1);
  const long = [...leaf.models, ...leaf.layers, last].join('/');
  let name = long;
  for (let number = 1; !isFree(name); number++) name = `${long}_${number}`;
  return name;
}
