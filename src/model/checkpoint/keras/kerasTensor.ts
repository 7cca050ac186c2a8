import { quoted } from '../checkpointError';
import type { TensorKind } from '../../../freeze/tensor';
import type { Storage, StoredTensor } from '../checkpoint';
import { bitsOf, isDtype, type Dtype } from '../dtypes';
import type { H5Dataset } from '../hdf5/readHdf5';
import { swapped } from '../swappedStorage';

/** Variables that training moves beside the optimizer, by their own names. */
const STATISTICS = /^(moving_(mean|variance|stddev)|renorm_(mean|stddev)|vector_u)$/;
/** State that is no weight: of random numbers. */
const STATE = /^seed_generator_state$/;
const NORMALIZATION = /^(mean|variance|count)$/;

/** A data set with the name that it is listed by. */
export interface NamedDataset {
  readonly name: string;
  readonly aliases: readonly string[];
  /** Class of the layer; empty when it cannot be told. */
  readonly type: string;
  readonly dataset: H5Dataset;
}

/** @returns why not, when it is nothing that can be compared */
export function kerasTensor({ name, aliases, type, dataset }: NamedDataset): StoredTensor | string {
  const { values, shape } = dataset;
  const shown = quoted(name);
  if (values.kind === 'none') return `${shown} ${values.why}.`;
  const content = contentOf(dataset, values.storage);
  if (content === null) {
    const what = dataset.type.kind === 'other' ? dataset.type.what : dataset.type.kind;
    return `${shown} is of a type that no weight has: ${what}.`;
  }
  const slash = name.lastIndexOf('/');
  const own = name.slice(slash + 1);
  return {
    ...{ name, kind: kindOf(type, own), module: name.slice(0, Math.max(0, slash)), type },
    ...(aliases.length === 0 ? {} : { aliases }),
    ...{ ...content, shape, offset: 0, strides: null },
  };
}

function contentOf(
  { type, attributes }: H5Dataset,
  storage: Storage,
): { readonly dtype: Dtype; readonly storage: Storage } | null {
  if (type.kind === 'number') {
    const turned = type.big && type.size > 1 && storage.bytes > 0;
    return {
      dtype: type.dtype,
      storage: turned ? swapped(storage, type.size) : storage,
    };
  }
  // `H5IOStore` in keras/src/saving/saving_lib.py tells bfloat16 by an attribute; older formats do
  // not, but no other element of two bytes is written without a type.
  const named = attributes.get('dtype') ?? 'bfloat16';
  if (type.kind !== 'opaque' || typeof named !== 'string' || !isDtype(named)) return null;
  return bitsOf(named) === type.size * 8 ? { dtype: named, storage } : null;
}

function kindOf(type: string, own: string): TensorKind {
  if (STATISTICS.test(own) || STATE.test(own)) return 'statistic';
  return type === 'Normalization' && NORMALIZATION.test(own) ? 'statistic' : 'parameter';
}
