import { existsSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import util from 'node:util';
import { nodePackageOf, packagesOf, requireOf } from '../../engines/enginePackages';
import type { AddonChooser } from './addonChooser';
import { loader } from '../cjsLoader';
import type { Bag } from '../tfjsTypes';
import { facadeOf } from './facade';
import { LIBRARY_KINDS, type LibraryKind } from './installedEngines';

/** A package of TensorFlow.js, as a script asks for it. */
const TFJS = /^@tensorflow\/tfjs(?:-[\w-]+)?(?=\/|$)/;
const NODE_PACKAGE = /^@tensorflow\/tfjs-node(?:-gpu)?(?=\/|$)/;
/** A file of tfjs-node or tfjs-node-gpu, whosever copy. */
const IN_NODE_PACKAGE = /[\\/]@tensorflow[\\/]tfjs-node(-gpu)?[\\/]dist[\\/]/;
/** What tfjs-node asks for of TensorFlow.js. */
const CORE = new Set(['@tensorflow/tfjs', '@tensorflow/tfjs-core']);
const PRE_GYP = new Set(['@mapbox/node-pre-gyp', 'node-pre-gyp']);
/** Newer Nodes warn of both when they are called, and Node 23 removed them. */
const UTIL = Object.create(util, {
  isNullOrUndefined: { value: (value: unknown) => value === null || value === undefined },
  isArray: { value: (value: unknown) => Array.isArray(value) },
}) as Bag;

/**
 * Makes `@tensorflow/tfjs-node` and `-gpu` work where they would not: a package that is not
 * installed is taken from an engine, and an addon that is missing or cannot be loaded is replaced
 * by an engine's.
 */
export class NodePackages {
  /** What the engine's package gets for TensorFlow.js while it is tied to the script's copy. */
  private tied: Bag | null = null;
  /** Whether the kernels of an engine are in TensorFlow.js's registry. */
  private registered = false;
  private redirectsLoads = false;
  /** Folder of the script that asked for a package of TensorFlow.js that is not installed. */
  private asker: string | null = null;

  /** Called when a script is about to end because its package has no addon. */
  onNoAddon: (() => void) | null = null;

  /** Called once when the script asks for what only an engine has that cannot be used. */
  onUnusable: ((text: string) => void) | null = null;

  constructor(readonly addons: AddonChooser) {}

  /**
   * The file in an engine that stands in for a package that is not installed; null when there is
   * none.
   * @param from the folder of who asks
   */
  substitute(request: string, from: string): string | null {
    if (!TFJS.test(request)) return null;
    const kinds = this.addons.kinds(request.includes('-gpu'));
    const [engine] = this.addons.engines.among(kinds);
    if (engine === undefined) {
      if (NODE_PACKAGE.test(request)) this.tellUnusable(request, kinds);
      return null;
    }
    if (!from.startsWith(packagesOf(engine))) this.asker ??= from;
    try {
      return requireOf(engine).resolve(request.replace(NODE_PACKAGE, engine.manifest.package));
    } catch {
      return null;
    }
  }

  /** A script asks for a package that it does not have, and no engine can stand in. */
  private tellUnusable(request: string, kinds: readonly LibraryKind[]): void {
    const reasons = kinds
      .filter((kind) => this.addons.engines.isThere(kind))
      .map((kind) => this.addons.engines.find(kind))
      .flatMap((found) => ('missing' in found ? [found.missing] : []));
    this.onUnusable?.(
      `${request} is not installed, and no engine stands in: ${reasons.join(', ')}`,
    );
    this.onUnusable = null;
  }

  /** Lets the CommonJS loader find packages in the engines that it finds nowhere else. */
  redirectResolution(): void {
    const original = loader._resolveFilename;
    loader._resolveFilename = (request, parent, ...rest) => {
      if (!TFJS.test(request)) return original.call(Module, request, parent, ...rest);
      const shared = this.ofScript(request, parent?.filename ?? '');
      if (shared !== null) return shared;
      try {
        return original.call(Module, request, parent, ...rest);
      } catch (error) {
        const from = dirname(parent?.filename ?? join(process.cwd(), '.'));
        const file = this.isNotFound(error) ? this.substitute(request, from) : null;
        // Once more, so that the error is Node's own from top to bottom.
        return file ?? original.call(Module, request, parent, ...rest);
      }
    };
  }

  /**
   * The script's own copy of what the engine's tfjs-node asks for: one tfjs-core in a process is
   * enough. Null when it has none, or one from before kernels were modules.
   */
  private ofScript(request: string, asking: string): string | null {
    if (NODE_PACKAGE.test(request) || !this.isOfEngine(asking)) return null;
    const from = this.asker ?? dirname(process.argv[1] ?? join(process.cwd(), '.'));
    const script = createRequire(join(from, 'permafrost.js'));
    try {
      const { version } = script(`${request}/package.json`) as { readonly version: string };
      return Number.parseInt(version) >= 3 ? script.resolve(request) : null;
    } catch {
      return null;
    }
  }

  /** Gives tfjs-node what it needs to run on an engine. */
  redirectLoads(): void {
    if (this.redirectsLoads) return;
    this.redirectsLoads = true;
    const original = loader._load;
    const replace = this.replace.bind(this);
    loader._load = function (request, parent, ...rest) {
      const load = (): unknown => original.call(this, request, parent, ...rest);
      return replace(request, parent?.filename ?? '', load) ?? load();
    };
  }

  /**
   * What `request` is to give instead of what it gives; undefined when that is fine.
   * @param load gives what it would
   */
  private replace(request: string, asking: string, load: () => unknown): unknown {
    const match = IN_NODE_PACKAGE.exec(asking);
    if (match === null) return undefined;
    if (PRE_GYP.has(request)) {
      return this.preGyp(load() as Bag, match[1] !== undefined, this.isOfEngine(asking));
    }
    if (request === './register_all_kernels' && this.registered && this.tied === null) return {};
    if (this.tied === null && !this.isOfEngine(asking)) return undefined;
    if (request === 'util') return UTIL;
    return CORE.has(request) ? facadeOf(this.tied ?? (load() as Bag)) : undefined;
  }

  /**
   * Makes the backend of a tfjs-node package for the script's copy of TensorFlow.js and registers
   * its kernels; nothing else that the package does when it is loaded.
   * @param core exports of tfjs-core
   * @throws what the package throws
   */
  makeBackend(core: Bag, addonFile: string, packageFolder: string): unknown {
    const own = createRequire(join(packageFolder, 'dist', 'index.js'));
    this.tied = core;
    try {
      const { NodeJSKernelBackend: Backend } = own('./nodejs_kernel_backend') as {
        readonly NodeJSKernelBackend: new (bindings: unknown, name: string) => unknown;
      };
      const { name } = own('../package.json') as { readonly name: string };
      const backend = new Backend(own(addonFile), name);
      own('./register_all_kernels');
      this.registered = true;
      return backend;
    } finally {
      this.tied = null;
    }
  }

  /** node-pre-gyp, which tells the package where its addon is. */
  private preGyp(original: Bag, gpuPackage: boolean, ofEngine: boolean): Bag {
    const find = (...args: unknown[]): unknown => {
      const file = (original['find'] as (...args: unknown[]) => unknown)(...args);
      const isThere = !ofEngine && typeof file === 'string' && existsSync(file);
      const own = isThere ? { file, isGpu: gpuPackage } : null;
      const chosen = this.addons.choose(own, gpuPackage);
      if (chosen.file !== null) return chosen.file;
      // The package asks for a file that is there, and then finds no addon in it.
      if (this.addons.goesOnWithout) return args[0];
      this.onNoAddon?.();
      return file;
    };
    return Object.create(original, { find: { value: find, enumerable: true } }) as Bag;
  }

  /** Whether a file belongs to the tfjs-node package of an engine. */
  isOfEngine(file: string): boolean {
    return this.addons.engines
      .among(LIBRARY_KINDS)
      .some((engine) => file.startsWith(nodePackageOf(engine) + sep));
  }

  private isNotFound(error: unknown): boolean {
    return (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
  }
}
