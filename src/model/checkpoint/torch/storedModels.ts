import type { CheckpointWarning, Storage, StoredModel, StoredTensor } from '../checkpoint';
import { asAnyTensor, asArrayScalar, type Container } from './contents';
import { findModels } from './findModels';
import { isModule, isScript, tensorsWithin, type NamedTensorValue } from './moduleTensors';
import { asCount, PyDict, type Value } from './pickle/value';
import { UnknownTensor, type TensorValue } from './tensorValue';
import { LeftOut } from './leftOut';
import { stripWrappers } from './wrappers';

/** Buffers by the names that torch's own modules give them; a state dict does not tell otherwise. */
const STATISTIC = /(?:^|\.)(?:running_mean|running_var|num_batches_tracked)$/s;

/**
 * The models of a pickle as checkpoints show them: names without wrappers, tied tensors as one with
 * aliases. A bare tensor is named `tensor`. Tensors of unknown types are left out with a warning.
 * @param file as messages show it
 * @throws CheckpointError
 */
export function storedModels(root: Value, file: string): StoredModels {
  const leftOut = new LeftOut();
  const bare = asAnyTensor(root);
  if (bare !== null) {
    const named = { name: 'tensor', tensor: bare, kind: null, type: '' };
    const tensors = storedTensors([named], false, leftOut);
    return { models: [{ name: 'model', className: '', tensors }], warnings: leftOut.warnings() };
  }
  const found = findModels(root);
  if (found.tooDeep) leftOut.tooDeep();
  const models = found.models.map(({ root: inner, name, className, copyOf }) => ({
    ...{ name, className },
    ...(copyOf === null ? {} : { copyOf }),
    tensors: storedTensors(tensorsWithin(inner, file), hasOwnNames(inner), leftOut),
  }));
  return { models, warnings: leftOut.warnings() };
}

export interface StoredModels {
  readonly models: readonly StoredModel[];
  /** Of what is not in them. */
  readonly warnings: readonly CheckpointWarning[];
}

/** Modules are unwrapped by their classes: what is left of `module.` in their names is the user's. */
function hasOwnNames(root: Container): boolean {
  return isModule(root) || isScript(root);
}

function storedTensors(
  found: readonly NamedTensorValue[],
  ownNames: boolean,
  leftOut: LeftOut,
): readonly StoredTensor[] {
  const given = found.map(({ name }) => name);
  const names = ownNames ? given : stripWrappers(given);
  const tied = new TiedTensors();
  const stored: (StoredTensor & { aliases?: string[] })[] = [];
  const add = (owner: string, name: string, tensor: TensorValue, of: NamedTensorValue): void => {
    const known = stored[tied.find(tensor, stored.length)];
    if (known !== undefined) {
      (known.aliases ??= []).push(name);
      return;
    }
    const { dtype, shape, strides, storage, offset } = tensor;
    const kind = of.kind ?? (STATISTIC.test(name) ? 'statistic' : 'parameter');
    const module = owner.slice(0, Math.max(0, owner.lastIndexOf('.')));
    stored.push({ name, kind, module, type: of.type, dtype, shape, strides, storage, offset });
  };
  for (const [index, each] of found.entries()) {
    const name = names[index] ?? '';
    const { tensor } = each;
    if (tensor instanceof UnknownTensor) {
      leftOut.tensor(name, tensor.type);
      continue;
    }
    add(name, name, tensor, each);
    for (const [part, inner] of tensor.parts) add(name, `${name}.${part}`, inner, each);
  }
  return withNormTypes(stored);
}

/** Finds tensors that are the same elements of the same memory. */
class TiedTensors {
  /** The one tensor of a storage, or all by what tells them apart. */
  readonly #storages = new Map<Storage, One | Map<string, number>>();

  /** The place of the tensor that it is; `next` when it is a new one. */
  find(tensor: TensorValue, next: number): number {
    const known = this.#storages.get(tensor.storage);
    if (known === undefined) {
      this.#storages.set(tensor.storage, { tensor, place: next });
      return next;
    }
    const views = known instanceof Map ? known : new Map([[viewKey(known.tensor), known.place]]);
    this.#storages.set(tensor.storage, views);
    const key = viewKey(tensor);
    const place = views.get(key) ?? next;
    views.set(key, place);
    return place;
  }
}

interface One {
  readonly tensor: TensorValue;
  readonly place: number;
}

function viewKey({ offset, dtype, shape, strides }: TensorValue): string {
  return JSON.stringify([offset, dtype, shape, strides]);
}

/** A module with running mean and variance is called `BatchNorm` where its class is unknown. */
export function withNormTypes(tensors: readonly StoredTensor[]): readonly StoredTensor[] {
  const modulesWith = (own: string): ReadonlySet<string> =>
    new Set(
      tensors
        .filter(({ name, module }) => name.endsWith(own) && name === inModule(module, own))
        .map(({ module }) => module),
    );
  const means = modulesWith('running_mean');
  if (means.size === 0) return tensors;
  const variances = modulesWith('running_var');
  const isNorm = ({ type, module }: StoredTensor): boolean =>
    type === '' && means.has(module) && variances.has(module);
  return tensors.map((tensor) => (isNorm(tensor) ? { ...tensor, type: 'BatchNorm' } : tensor));
}

function inModule(module: string, own: string): string {
  return module === '' ? own : `${module}.${own}`;
}

/** The epoch that a training checkpoint gives under `epoch`; null when it gives none. */
export function epochOf(root: Value): number | null {
  if (!(root instanceof PyDict)) return null;
  const epoch = root.entries.get('epoch');
  return asCount(epoch) ?? asArrayScalar(epoch);
}
