import type { DawnAddon, Gpu } from '../../engines/webgpu/gpuTypes';

/**
 * Defines the classes and constants of WebGPU (`GPUBuffer`, `GPUBufferUsage`) where a browser has
 * them, as the backend looks for them there. What is there already stays.
 */
export function defineConstants({ globals }: DawnAddon): void {
  for (const [name, value] of Object.entries(globals)) {
    if (name in globalThis) continue;
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

/**
 * Runs `action` with a `navigator.gpu`, which the backend asks for when it is made. Afterwards it
 * is gone again: libraries that find a navigator may take Node for a browser.
 */
export function withNavigator<T>(gpu: Gpu, action: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { gpu } });
  try {
    return action();
  } finally {
    Reflect.deleteProperty(globalThis, 'navigator');
    if (before !== undefined) Object.defineProperty(globalThis, 'navigator', before);
  }
}
