import type { Bag, Method } from '../tfjsTypes';

const facades = new WeakMap<Bag, Bag>();

/**
 * The script's copy of TensorFlow.js as an engine's tfjs-node gets it. Kernels that this copy does
 * not know yet (they have no name then) or has already are not registered: tfjs-core would warn of
 * each among what the script prints.
 */
export function facadeOf(exports: Bag): Bag {
  const known = facades.get(exports);
  if (known !== undefined) return known;
  const [registerKernel, getKernel] = ['registerKernel', 'getKernel'].map(
    (name) => exports[name] as Method,
  );
  const register = (config: Bag): void => {
    const { kernelName, backendName } = config;
    if (kernelName === undefined || getKernel?.(kernelName, backendName) != null) return;
    registerKernel?.(config);
  };
  const facade = Object.create(exports, {
    registerKernel: { value: register, enumerable: true },
  }) as Bag;
  facades.set(exports, facade);
  return facade;
}
