import type { ModelInfo, TensorInfo } from '../../../src/model/inspection';

/** A tensor whose module is all of its name but the last part. */
export function tensor(name: string, more: Partial<TensorInfo> = {}): TensorInfo {
  const statistic = /(moving|running)_/.test(name);
  return {
    name,
    kind: statistic ? 'statistic' : 'parameter',
    module: name.replace(/[./]?[^./]*$/, ''),
    type: '',
    dtype: 'float32',
    shape: [4],
    ...more,
  };
}

/** A model of tensors with these names. */
export function model(name: string, tensors: readonly (string | TensorInfo)[]): ModelInfo {
  return {
    name,
    className: 'Sequential',
    tensors: tensors.map((each) => (typeof each === 'string' ? tensor(each) : each)),
  };
}
