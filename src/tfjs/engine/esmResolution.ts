import Module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { workerThreads } from '../workerThreads';
import type { NodePackages } from './nodePackages';

export interface Resolved {
  readonly url: string;
  readonly format?: string;
  readonly shortCircuit?: boolean;
}
export interface ResolveContext {
  readonly parentURL?: string;
}

/** `module.registerHooks`, which `@types/node` of Node 20 does not know. */
interface Hookable {
  readonly registerHooks?: (hooks: {
    resolve: (
      request: string,
      context: ResolveContext,
      next: (request: string, context: ResolveContext) => Resolved,
    ) => Resolved;
  }) => void;
}

/** What `node:worker_threads` tells since there is `registerHooks`. */
interface InternalThread {
  readonly isInternalThread?: boolean;
}

/**
 * Lets `import` find packages in the engines that it finds nowhere else: in this thread where Node
 * can (22.15 and newer), else by a thread of its own, which Node starts for it.
 * @param dist folder with `tfjs-resolve.mjs`
 */
export function redirectImports(packages: NodePackages, dist: string): void {
  // Node preloads in the thread of hooks too, which resolves for others and must not for itself.
  if ((workerThreads() as InternalThread).isInternalThread === true) return;
  const { registerHooks } = Module as unknown as Hookable;
  if (registerHooks === undefined) {
    Module.register(pathToFileURL(join(dist, 'tfjs-resolve.mjs')));
    return;
  }
  registerHooks({
    resolve: (request, context, next) => {
      try {
        return next(request, context);
      } catch (error) {
        const found = substituteFor(packages, request, context, error);
        if (found === null) throw error;
        return found;
      }
    },
  });
}

/** What stands in for a package that `import` did not find; null when nothing does. */
export function substituteFor(
  packages: NodePackages,
  request: string,
  { parentURL }: ResolveContext,
  error: unknown,
): Resolved | null {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') return null;
  const from = parentURL?.startsWith('file:') === true ? fileURLToPath(parentURL) : process.argv[1];
  const file = packages.substitute(request, dirname(from ?? join(process.cwd(), '.')));
  return file === null
    ? null
    : { url: pathToFileURL(file).href, format: 'commonjs', shortCircuit: true };
}
