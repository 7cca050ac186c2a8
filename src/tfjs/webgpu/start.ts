import type { FoundEngine } from '../../engines/findEngine';
import { openDevice, type OpenDevice } from '../../engines/webgpu/openDevice';
import { isBag, type Bag, type Method } from '../tfjsTypes';
import type { Ticks } from '../../engines/webgpu/ticks';
import { loadBackend } from './backend';
import { defineConstants, withNavigator } from './globals';
import { canRead, giveSyncRead, type ReadableBackend } from './syncRead';
import { watchDevice, type DeviceProblem } from './watchDevice';

/** What became of the wish for WebGPU. */
export type WebGpuOutcome =
  | {
      readonly kind: 'running';
      /** Name and version, as in `Dawn (webgpu 0.6.2)`. */
      readonly library: string;
      /** What computes, as text for people. */
      readonly device: string;
      /** Whether that is a program on the CPU. */
      readonly software: boolean;
    }
  /** @property reason the rest of a sentence */
  | { readonly kind: 'refused'; readonly reason: string };

/** Above all that register themselves: `tf.ready()` without a choice takes the highest. */
const PRIORITY = 4;

/** One device serves the process, and must not be collected while tensors lie on it. */
let open: OpenDevice | null = null;

/**
 * Makes WebGPU the backend of the script's copy of TensorFlow.js, at once: its first tensor lies
 * on the GPU already. `dataSync` works, which it does not in Node otherwise. Never throws.
 * @param core exports of tfjs-core, just evaluated
 * @param engine of the kind `webgpu`
 * @param tell is called when the device is lost or refuses work, later and seldom
 */
export function startWebGpu(
  core: Bag,
  engine: FoundEngine,
  tell: (problem: DeviceProblem) => void,
): WebGpuOutcome {
  if (!canRead(core)) {
    const version = String(core['version_core']);
    return { kind: 'refused', reason: `WebGPU needs TensorFlow.js 4.2, the script has ${version}` };
  }
  try {
    const opened = open ?? openDevice(engine);
    const isFirst = open === null;
    open = opened;
    if (isFirst) watchDevice(opened.device, tell);
    defineConstants(opened.addon);
    const { WebGPUBackend: Backend } = loadBackend(core, engine);
    const backend = withNavigator(
      opened.gpu,
      () => new Backend(opened.device, opened.adapter.info),
    );
    giveSyncRead(backend, core, opened.ticks);
    register(core, backend);
    return {
      kind: 'running',
      library: engine.manifest.library,
      device: opened.name,
      software: opened.isSoftware,
    };
  } catch (error) {
    return { kind: 'refused', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** What can wait for promises of `device` without giving up control; null when it is not ours. */
export function ticksOf(device: unknown): Ticks | null {
  return open !== null && open.device === device ? open.ticks : null;
}

function register(core: Bag, backend: ReadableBackend): void {
  const call = (name: string, ...args: readonly unknown[]): unknown =>
    (core[name] as Method).apply(core, [...args]);
  const engine = call('engine');
  const factories = isBag(engine) ? engine['registryFactory'] : undefined;
  if (isBag(factories) && factories['webgpu'] !== undefined) call('removeBackend', 'webgpu');
  call('registerBackend', 'webgpu', () => backend, PRIORITY);
  // As the factory gives no promise, the backend is set when this returns.
  void call('setBackend', 'webgpu');
}
