import { createRequire } from 'node:module';
import { basename } from 'node:path';

const LAZY = /\/(configHelp|reportPanel|reportExport|checkpointParts|checkpointCommands)$/;

/**
 * esbuild's options for a bundle that has lazy parts. What is needed only when somebody asks for it
 * stays out of what is loaded at every start: a dynamic import of it is left as one of the bundle
 * beside, and becomes `require()`, which every extension host has.
 */
export const parted = {
  plugins: [
    {
      name: 'lazy-bundles',
      setup({ onResolve }) {
        onResolve({ filter: LAZY }, ({ kind, path }) =>
          kind === 'dynamic-import'
            ? { path: `./${basename(path)}.js`, external: true }
            : undefined,
        );
      },
    },
  ],
  supported: { 'dynamic-import': false },
  // The module that an import finds asks for import.meta.url, which a CommonJS bundle has not.
  alias: { tinyglobby: createRequire(import.meta.url).resolve('tinyglobby') },
};
