import { elementCount } from '../../shape';
import type { ByteSource } from '../byteSource';
import type { Storage } from '../checkpoint';
import { CheckpointError, quoted } from '../checkpointError';
import { bytesOf, type Dtype } from '../dtypes';
import { PlainStorage } from '../plainStorage';
import { QuantizedStorage, widthOf } from './quantizedStorage';
import type { StoredWeight } from './tfjsManifest';

/** `DTYPE_VALUE_SIZE_MAP` of tfjs-core; texts are told apart before. */
const DTYPES: ReadonlySet<string> = new Set<Dtype>(['float32', 'int32', 'bool', 'complex64']);

/** Bytes of the length before each text. */
const LENGTH = 4;

export interface PlacedWeight {
  readonly weight: StoredWeight;
  /** Null for texts: nothing that trains. */
  readonly value: { readonly dtype: Dtype; readonly storage: Storage } | null;
}

/**
 * Where the weights of a group stand: one behind the other.
 * @param source the shards of the group as one
 * @param file the manifest, for messages
 * @throws CheckpointError when they do not fit into the shards
 */
export function placeWeights(
  weights: readonly StoredWeight[],
  source: ByteSource,
  file: string,
): readonly PlacedWeight[] {
  let offset = 0;
  return weights.map((weight) => {
    const start = offset;
    const elements = elementCount(weight);
    if (weight.dtype === 'string') {
      offset = endOfTexts(source, start, elements);
      return { weight, value: null };
    }
    const dtype = dtypeOf(weight, file);
    const { quantization } = weight;
    const stored =
      quantization === undefined ? bytesOf(dtype, elements) : elements * widthOf(quantization);
    if (!Number.isSafeInteger(stored) || stored > source.size - start) {
      const { name } = weight;
      const needs = `${quoted(name)} takes ${String(stored)} bytes here`;
      const reason = `${needs}, the file has ${String(source.size - start)}: it is cut short.`;
      throw new CheckpointError(source.name, start, reason);
    }
    offset += stored;
    if (quantization === undefined) {
      return { weight, value: { dtype, storage: new PlainStorage(source, start, stored) } };
    }
    if (dtype !== 'float32' && (dtype !== 'int32' || quantization.dtype === 'float16')) {
      throw fault(file, weight, `TF.js cannot have ${dtype} quantized as ${quantization.dtype}.`);
    }
    const storage = new QuantizedStorage(source, start, elements, quantization, dtype);
    return { weight, value: { dtype, storage } };
  });
}

function dtypeOf(weight: StoredWeight, file: string): Dtype {
  if (DTYPES.has(weight.dtype)) return weight.dtype as Dtype;
  const dtype = JSON.stringify(weight.dtype.slice(0, 40));
  throw fault(file, weight, `its dtype ${dtype} is none that TF.js has.`);
}

function fault(file: string, { name }: StoredWeight, reason: string): CheckpointError {
  return new CheckpointError(file, null, `${quoted(name)}: ${reason}`);
}

function endOfTexts(source: ByteSource, start: number, count: number): number {
  let end = start;
  for (let index = 0; index < count; index++) {
    const length = source.read(end, LENGTH);
    end += LENGTH + new DataView(length.buffer, length.byteOffset).getUint32(0, true);
  }
  return end;
}
