import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { FoundEngine } from '../../engines/findEngine';
import type { GpuAdapterInfo, GpuDevice } from '../../engines/webgpu/gpuTypes';
import { loader } from '../cjsLoader';
import { facadeOf } from '../engine/facade';
import type { Bag } from '../tfjsTypes';
import type { ReadableBackend } from './syncRead';

export const BACKEND_PACKAGE = '@tensorflow/tfjs-backend-webgpu';
const CORE = '@tensorflow/tfjs-core';

interface BackendPackage {
  readonly WebGPUBackend: new (device: GpuDevice, info: GpuAdapterInfo) => ReadableBackend;
}

/**
 * Loads the WebGPU backend for the script's copy of tfjs-core, which registers its kernels there.
 * The script's own copy of the backend is taken where it has one; it may load that itself later.
 * @throws what the package throws
 */
export function loadBackend(core: Bag, { folder, manifest }: FoundEngine): BackendPackage {
  const own = createRequire(process.argv[1] ?? join(process.cwd(), 'permafrost.js'));
  const engine = createRequire(join(folder, manifest.packages, '..', 'permafrost.js'));
  const file = resolve(own) ?? engine.resolve(BACKEND_PACKAGE);
  const original = loader._load;
  loader._load = function (request, ...rest) {
    return request === CORE ? facadeOf(core) : original.call(this, request, ...rest);
  };
  try {
    return engine(file) as BackendPackage;
  } finally {
    loader._load = original;
  }
}

function resolve(from: NodeJS.Require): string | null {
  try {
    return from.resolve(BACKEND_PACKAGE);
  } catch {
    return null;
  }
}
