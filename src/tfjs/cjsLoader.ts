import Module from 'node:module';

type Load = (this: unknown, request: string, parent?: Module | null, ...rest: unknown[]) => unknown;
type Resolve = (request: string, parent?: Module | null, ...rest: unknown[]) => string;

/** The parts of Node's CommonJS loader that `@types/node` leaves out. */
interface CommonJsLoader {
  _load: Load;
  _resolveFilename: Resolve;
  readonly _cache: Record<string, Module>;
}

export const loader = Module as unknown as CommonJsLoader;
