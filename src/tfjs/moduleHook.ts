import { existsSync, readFileSync } from 'node:fs';
import Module from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import { loader } from './cjsLoader';
import type { NodePackages } from './engine/nodePackages';
import { warn } from './stderr';

/** What the bundle `tfjs-hook.cjs` offers. */
interface HookModule {
  /** Patches what a module exports of TensorFlow.js; passes anything else over. */
  readonly attach: (exports: unknown) => void;
  /** Takes over what can be reached from the engine alone, when no module brings the rest. */
  readonly engineArrived: (
    engine: unknown,
    packages: () => readonly string[],
    nodePackages: NodePackages,
  ) => void;
}

/**
 * Waits for TensorFlow.js without touching anything before it is there: tfjs-core puts its engine
 * on the global object while it is evaluated (tfjs-core, engine.ts), whoever loads it and however.
 * From then on every module is offered to the hook when it has been evaluated and before its
 * importer sees it.
 * @param runDir folder of the run
 * @param dist folder with `tfjs-hook.cjs`
 */
export function watchForTensorFlow(runDir: string, dist: string, nodePackages: NodePackages): void {
  endWithWorkers(runDir);
  if ('_tfengine' in globalThis) return;
  Object.defineProperty(globalThis, '_tfengine', {
    configurable: true,
    get: () => undefined,
    set: (engine: unknown) => {
      const plain = { value: engine, enumerable: true, configurable: true, writable: true };
      Object.defineProperty(globalThis, '_tfengine', plain);
      // What is thrown here would end up in the middle of the library that is being loaded.
      try {
        start(engine, dist, nodePackages);
      } catch (error) {
        warn(`its hook cannot start, training goes on without: ${String(error)}`);
      }
    },
  });
}

function start(engine: unknown, dist: string, nodePackages: NodePackages): void {
  restoreUtil();
  const file = join(dist, 'tfjs-hook.cjs');
  const hook = Module.createRequire(file)(file) as HookModule;
  hook.engineArrived(engine, packages, nodePackages);
  for (const module of Object.values(loader._cache)) whenEvaluated(module, hook);
  nodePackages.redirectLoads();
  offerLaterModules(hook);
}

/** Node sets `loaded` when a module has been evaluated (lib/internal/modules/cjs/loader.js). */
function whenEvaluated(module: Module, hook: HookModule): void {
  if (module.loaded) return;
  Object.defineProperty(module, 'loaded', {
    configurable: true,
    enumerable: true,
    get: () => false,
    set: (value: boolean) => {
      const plain = { value, enumerable: true, configurable: true, writable: true };
      Object.defineProperty(module, 'loaded', plain);
      if (value) hook.attach(module.exports);
    },
  });
}

function offerLaterModules(hook: HookModule): void {
  const original = loader._load;
  loader._load = function (request, ...rest) {
    const exports = original.call(this, request, ...rest);
    hook.attach(exports);
    return exports;
  };
}

/** Names of the TensorFlow.js packages that are loaded, not of those that serve as an engine only. */
function packages(): readonly string[] {
  const names = Object.keys(loader._cache).map((file) => {
    const match = /[\\/](@tensorflow[\\/]tfjs[\w-]*)[\\/](.*)/.exec(file);
    const [, name = '', path = ''] = match ?? [];
    return name.includes('tfjs-node') && !/^dist[\\/]index\.js$/.test(path)
      ? ''
      : name.replace('\\', '/');
  });
  return [...new Set(names)];
}

/** Node 23 removed both, and tfjs-node 4.22 calls them (dist/nodejs_kernel_backend.js). */
function restoreUtil(): void {
  const missing: Record<string, (value: unknown) => boolean> = {
    isNullOrUndefined: (value) => value === null || value === undefined,
    isArray: (value) => Array.isArray(value),
  };
  for (const [name, value] of Object.entries(missing)) {
    if (name in util) continue;
    Object.defineProperty(util, name, { value, configurable: true, writable: true });
  }
}

/** `process.exit` in a worker thread ends the thread only: the main thread must follow. */
function endWithWorkers(runDir: string): void {
  process.on('worker', (worker) => {
    const marker = join(runDir, `exit-${process.pid}.${worker.threadId}`);
    // Before the script's own listeners: they must not outlive the end of the run.
    worker.prependOnceListener('exit', () => {
      if (existsSync(marker)) process.exit(Number(readFileSync(marker, 'utf8')));
    });
  });
}
