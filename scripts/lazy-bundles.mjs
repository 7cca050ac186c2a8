import { basename } from 'node:path';

const LAZY = /\/(reportPanel|reportExport|checkpointCommands)$/;

/**
 * What is needed only when somebody asks for it stays out of what is loaded at every start: a
 * dynamic import of it is left as one of the bundle beside.
 * @type {import('esbuild').Plugin}
 */
export const lazyBundles = {
  name: 'lazy-bundles',
  setup({ onResolve }) {
    onResolve({ filter: LAZY }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `./${basename(path)}.js`, external: true } : undefined,
    );
  },
};
