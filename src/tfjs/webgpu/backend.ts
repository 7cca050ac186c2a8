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
 * A copy of the script's own is taken where it is the same version: the script may load it later.
 * @throws Error when the script has one of another version; what the package throws
 */
export function loadBackend(core: Bag, { folder, manifest }: FoundEngine): BackendPackage {
  const engine = createRequire(join(folder, manifest.packages, '..', 'permafrost.js'));
  const script = createRequire(process.argv[1] ?? join(process.cwd(), 'permafrost.js'));
  const needed = versionFor(engine);
  const own = versionFor(script);
  if (own !== null && own !== needed) {
    throw new Error(`the script has ${BACKEND_PACKAGE} ${own}, the engine brings ${needed ?? ''}`);
  }
  const original = loader._load;
  loader._load = function (request, ...rest) {
    return request === CORE ? facadeOf(core) : original.call(this, request, ...rest);
  };
  try {
    return (own === null ? engine : script)(BACKEND_PACKAGE) as BackendPackage;
  } finally {
    loader._load = original;
  }
}

/** The version of the backend that `require` finds; null when it finds none. */
function versionFor(require: NodeJS.Require): string | null {
  try {
    return (require(`${BACKEND_PACKAGE}/package.json`) as { readonly version: string }).version;
  } catch {
    return null;
  }
}
