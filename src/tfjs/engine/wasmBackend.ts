import { createRequire } from 'node:module';
import { join } from 'node:path';
import { canRequire, requireOf } from '../../engines/enginePackages';
import type { FoundEngine } from '../../engines/findEngine';
import { loader } from '../cjsLoader';
import type { TrackedModel } from '../trackedModel';
import type { Bag, Method } from '../tfjsTypes';
import { facadeOf } from './facade';
import { settleNow } from './settleNow';

export const WASM_PACKAGE = '@tensorflow/tfjs-backend-wasm';

/** Layers whose kernels need a gradient that tfjs-backend-wasm 4.22 lacks. */
const CONVOLUTION = /^(?:Conv[12]D|Conv2DTranspose|SeparableConv|DepthwiseConv|ConvLSTM)/;
/** Those through which it cannot pass a gradient on either. */
const DEPTHWISE = /^(?:Separable|Depthwise)Conv/;

/**
 * Loads the WebAssembly backend, the script's own copy or an engine's, and starts it at once, which
 * otherwise takes a turn of the event loop that a script which does not wait has no room for.
 * @param core exports of the script's tfjs-core
 * @param engines of which one may have a copy
 * @returns the backend
 * @throws Error with the reason when the package is not there or does not start
 */
export function startWasm(core: Bag, engines: readonly FoundEngine[]): unknown {
  const script = createRequire(process.argv[1] ?? join(process.cwd(), 'permafrost.js'));
  const owner = [script, ...engines.map(requireOf)].find((each) => canRequire(each, WASM_PACKAGE));
  if (owner === undefined) {
    throw new Error(`${WASM_PACKAGE} is neither installed beside the script nor with an engine`);
  }
  const original = loader._load;
  loader._load = function (request, ...rest) {
    const isCore = request === '@tensorflow/tfjs-core';
    return isCore ? facadeOf(core) : original.call(this, request, ...rest);
  };
  try {
    owner(WASM_PACKAGE);
  } finally {
    loader._load = original;
  }
  const factory = (core['findBackendFactory'] as Method)('wasm') as () => unknown;
  return withoutNewListeners(() => settleNow(factory));
}

/** What emscripten listens for would change how the script ends when it fails. */
function withoutNewListeners<T>(action: () => T): T {
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = events.map((event) => new Set(process.listeners(event as NodeJS.Signals)));
  try {
    return action();
  } finally {
    events.forEach((event, index) => {
      for (const listener of process.listeners(event as NodeJS.Signals)) {
        if (before[index]?.has(listener) !== true) process.off(event, listener);
      }
    });
  }
}

/**
 * The layer that WebAssembly cannot train, because it lacks the kernel for its gradient; null when
 * every convolution is frozen in all epochs.
 */
export function untrainableOnWasm(models: readonly TrackedModel[]): string | null {
  for (const model of models) {
    const byScript = model.trainedByScript();
    let trainedBefore = false;
    for (const { info, tensor } of model.tensors) {
      const isTrained =
        byScript.has(tensor.variable) &&
        !tensor.spans.some(({ from, until }) => from === 1 && until === null);
      const isKernel = info.kind === 'parameter' && info.shape.length > 1;
      if (isKernel && isTrained && CONVOLUTION.test(info.type)) return info.module;
      if (isKernel && trainedBefore && DEPTHWISE.test(info.type)) return info.module;
      trainedBefore ||= isTrained;
    }
  }
  return null;
}
