import { isBag, type TfVariable } from '../tfjsTypes';
import type { Binding } from './rawOps';
import type { Source, WebgpuBackend } from './webgpuHash';

/** Where the bytes of a tensor lie, as far as they can be looked at there. */
export type Place =
  /** In this process, or somewhere that only hands out copies. */
  | { readonly kind: 'host' }
  | OnTensorflow
  | {
      readonly kind: 'webgpu';
      readonly backend: WebgpuBackend;
      readonly source: Source;
      readonly words: number;
    };

export interface OnTensorflow {
  readonly kind: 'tensorflow';
  readonly binding: Binding;
  /** Whether the device is an accelerator, with memory of its own. */
  readonly accelerated: boolean;
  /** libtensorflow's number of the element type. */
  readonly dtype: number;
  readonly elements: number;
  readonly shape: readonly number[];
  /** A handle, or the values as long as no op has used them. */
  readonly held: number | Float32Array | Int32Array;
}

const HOST: Place = { kind: 'host' };

/**
 * Where a tensor lies, without moving it.
 * @param engine tfjs-core's, which knows the backend of each tensor
 */
export function placeOf(engine: unknown, variable: TfVariable): Place {
  const { dataId } = variable as { readonly dataId?: unknown };
  if (!isBag(engine) || !isBag(engine['state']) || !isBag(dataId)) return HOST;
  const infos = engine['state']['tensorInfo'];
  const info: unknown = infos instanceof WeakMap ? infos.get(dataId) : undefined;
  const backend = isBag(info) ? info['backend'] : undefined;
  if (!isBag(backend) || !isStorage(backend['tensorMap']) || variable.size === 0) return HOST;
  const data = backend['tensorMap'].get(dataId);
  if (!isBag(data)) return HOST;
  if (isBag(backend['binding'])) return tensorflow(backend, data, variable);
  return isBag(backend['device']) ? webgpu(backend, data, variable) : HOST;
}

function tensorflow(
  { binding, isUsingGpuDevice }: { binding?: unknown; isUsingGpuDevice?: unknown },
  { id, values, dtype }: { id?: unknown; values?: unknown; dtype?: unknown },
  variable: TfVariable,
): Place {
  const held = isWords(values) ? values : values == null && typeof id === 'number' ? id : null;
  if (held === null || typeof dtype !== 'number' || !isBinding(binding)) return HOST;
  const { size: elements, shape } = variable;
  const accelerated = isUsingGpuDevice === true;
  return { kind: 'tensorflow', binding, accelerated, dtype, elements, shape, held };
}

function webgpu(
  backend: object,
  { resource, values, dtype }: { resource?: unknown; values?: unknown; dtype?: unknown },
  variable: TfVariable,
): Place {
  const source = resource ?? valuesAsUploaded(values, dtype);
  const isBuffer = isBag(source) && typeof source['mapAsync'] === 'function';
  // A complex tensor is two others there.
  if (dtype === 'complex64' || dtype === 'string' || !isWebgpu(backend)) return HOST;
  if (!isBuffer && !isWords(source)) return HOST;
  return { kind: 'webgpu', backend, source: source as Source, words: variable.size };
}

/** Runs `body` with a handle of the tensor; values that no op has used get one for the time. */
export function withHandle<T>(
  { binding, held, shape, dtype }: OnTensorflow,
  body: (id: number) => T,
): T {
  if (typeof held === 'number') return body(held);
  const id = binding.createTensor(shape, dtype, held);
  try {
    return body(id);
  } finally {
    binding.deleteTensor(id);
  }
}

/** What tfjs-backend-webgpu's `uploadToGPU` would write, which it does before the first use. */
function valuesAsUploaded(values: unknown, dtype: unknown): unknown {
  if (values instanceof Uint8Array && dtype === 'bool') return Int32Array.from(values);
  return values;
}

function isWords(value: unknown): value is Float32Array | Int32Array {
  return value instanceof Float32Array || value instanceof Int32Array;
}

function isStorage(value: unknown): value is { get(dataId: object): unknown } {
  return isBag(value) && typeof value['get'] === 'function';
}

function isBinding(value: unknown): value is Binding {
  const needed = ['createTensor', 'deleteTensor', 'tensorDataSync', 'executeOp'];
  return isBag(value) && needed.every((name) => typeof value[name] === 'function');
}

function isWebgpu(backend: object): backend is WebgpuBackend {
  const needed = ['endComputePassEncoder', 'submitQueue'];
  return (
    'commandEncoder' in backend &&
    needed.every((name) => typeof (backend as Record<string, unknown>)[name] === 'function')
  );
}
