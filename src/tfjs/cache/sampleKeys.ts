import { createHash } from 'node:crypto';
import { bytesOf } from './rowLayout';
import type { TfTensor } from '../tfjsTypes';

/**
 * One key for each sample of a batch, from the bytes of all that it consists of: 128 bits of
 * SHA-256, so that two samples with one key are not to be expected.
 * @param inputs tensors with the samples along their first axis
 * @throws when the backend does not hand out bytes synchronously
 */
export function sampleKeys(inputs: readonly TfTensor[]): string[] {
  const parts = inputs.map((input) => {
    const [samples = 1, ...shape] = input.shape;
    const bytes = bytesOf(input.dataSync());
    return { kind: `${input.dtype}[${shape.join()}]`, bytes, length: bytes.length / samples };
  });
  const kinds = parts.map(({ kind }) => kind).join();
  const keys: string[] = [];
  for (let at = 0; at < (inputs[0]?.shape[0] ?? 0); at++) {
    const hash = createHash('sha256').update(kinds);
    for (const { bytes, length } of parts) {
      hash.update(bytes.subarray(at * length, (at + 1) * length));
    }
    keys.push(hash.digest('base64').slice(0, 22));
  }
  return keys;
}

/** SHA-256 of everything that tensors hold, in hexadecimal. @throws as `sampleKeys` */
export function digestOf(tensors: readonly TfTensor[]): string {
  const hash = createHash('sha256');
  for (const tensor of tensors) {
    hash.update(`${tensor.dtype}[${tensor.shape.join()}]`).update(bytesOf(tensor.dataSync()));
  }
  return hash.digest('hex');
}
