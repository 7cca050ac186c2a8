import { existsSync, readFileSync } from 'node:fs';
import Module from 'node:module';
import { join } from 'node:path';
import util from 'node:util';

type Load = (this: unknown, request: string, ...rest: unknown[]) => unknown;
type Attach = (exports: unknown, loaded: ReadonlySet<string>) => void;

const TENSORFLOW = /tfjs|tensorflow/;
const PACKAGE = /@tensorflow[\\/](tfjs[\w-]*)/;

/**
 * Hands TensorFlow.js to the hook as soon as it is loaded and before its importer sees it.
 * @param runDir folder of the run
 * @param dist folder with `tfjs-hook.cjs`
 */
export function watchModules(runDir: string, dist: string): void {
  const loaded = new Set<string>();
  let attach: Attach | null | undefined;
  let isHere = false;
  const offer = (exports: unknown): void => {
    if (typeof exports !== 'object' || exports === null) return;
    if (attach === undefined) {
      // What the hook itself loads must not bring it up again.
      attach = null;
      attach = loadHook(dist);
    }
    attach?.(exports, loaded);
  };
  const owner = Module as unknown as { _load: Load };
  const original = owner._load;
  owner._load = function (request, ...rest) {
    const named = TENSORFLOW.test(request);
    if (named) prepareFor(request, loaded);
    const exports = original.call(this, request, ...rest);
    if (named || isHere) offer(exports);
    return exports;
  };
  onEngine(() => {
    isHere = true;
  });
  endWithWorkers(runDir);
}

function loadHook(dist: string): Attach | null {
  try {
    const file = join(dist, 'tfjs-hook.cjs');
    return (Module.createRequire(file)(file) as { attach: Attach }).attach;
  } catch (error) {
    process.stderr.write(`permafrost: cannot load its hook: ${String(error)}\n`);
    return () => undefined;
  }
}

function prepareFor(request: string, loaded: Set<string>): void {
  const name = PACKAGE.exec(request)?.[1];
  if (name === undefined) return;
  loaded.add(`@tensorflow/${name}`);
  if (name.startsWith('tfjs-node')) restoreUtil();
}

/** Node 23 removed both, and tfjs-node 4.22 calls them (dist/nodejs_kernel_backend.js). */
function restoreUtil(): void {
  const missing: Record<string, (value: unknown) => boolean> = {
    isNullOrUndefined: (value) => value === null || value === undefined,
    isArray: (value) => Array.isArray(value),
  };
  for (const [name, value] of Object.entries(missing)) {
    if (!(name in util)) Object.defineProperty(util, name, { value, configurable: true });
  }
}

/** tfjs-core puts its engine on the global object, however it was loaded (engine.ts). */
function onEngine(arrived: () => void): void {
  if ('_tfengine' in globalThis) {
    arrived();
    return;
  }
  Object.defineProperty(globalThis, '_tfengine', {
    configurable: true,
    get: () => undefined,
    set: (value: unknown) => {
      const plain = { value, enumerable: true, configurable: true, writable: true };
      Object.defineProperty(globalThis, '_tfengine', plain);
      arrived();
    },
  });
}

/** `process.exit` in a worker thread ends the thread only: the main thread must follow. */
function endWithWorkers(runDir: string): void {
  process.on('worker', (worker) => {
    const marker = join(runDir, `exit-${process.pid}.${worker.threadId}`);
    worker.once('exit', () => {
      if (existsSync(marker)) process.exit(Number(readFileSync(marker, 'utf8')));
    });
  });
}
