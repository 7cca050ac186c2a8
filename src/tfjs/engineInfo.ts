import type { EventBody } from '../runs/events';
import type { Bag, TfEngine } from './tfjsTypes';

/** The packages that bring the others along, the most telling first. */
const PACKAGES = ['tfjs-node-gpu', 'tfjs-node', 'tfjs', 'tfjs-layers', 'tfjs-core'];

/** Backends of which the device follows from the name. */
const DEVICES: Readonly<Record<string, string>> = {
  cpu: 'CPU (JavaScript)',
  wasm: 'CPU (WebAssembly)',
  webgpu: 'GPU (WebGPU)',
  webgl: 'GPU (WebGL)',
};

/**
 * The `engine` event: what really runs.
 * @param packages names of the TensorFlow.js packages that are loaded
 */
export function describeEngine(
  core: Bag,
  engine: TfEngine,
  packages: readonly string[],
): Extract<EventBody, { type: 'engine' }> {
  const backend = engine.backendName ?? '';
  const name = PACKAGES.find((each) => packages.includes(`@tensorflow/${each}`));
  return {
    type: 'engine',
    framework: 'tensorflow.js',
    version: typeof core['version_core'] === 'string' ? core['version_core'] : 'unknown',
    package: name === undefined ? 'bundled with the script' : `@tensorflow/${name}`,
    backend,
    device: DEVICES[backend] ?? deviceOf(engine, backend),
  };
}

/** The native binding knows itself whether it found a GPU. */
function deviceOf(engine: TfEngine, backend: string): string {
  if (backend !== 'tensorflow') return backend;
  return engine.backend?.isUsingGpuDevice === true ? 'GPU (CUDA)' : 'CPU (libtensorflow)';
}
