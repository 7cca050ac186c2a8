import type { BuildOptions } from 'esbuild';

/** Options of a bundle that has lazy parts; see the module itself. */
export declare const parted: BuildOptions;
