import type { Plugin } from 'esbuild';

export const lazyBundles: Plugin;
