// Bundles everything that ships into dist/. `--watch` rebuilds on change, `--dev` keeps it readable.
import { build, context } from 'esbuild';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parted } from './lazy-bundles.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const watch = process.argv.includes('--watch');
const dev = watch || process.argv.includes('--dev');

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: !dev,
  sourcemap: dev ? 'linked' : false,
  logLevel: 'warning',
  legalComments: 'none',
  // jsonc-parser's `main` is UMD, whose inner requires a bundler cannot follow.
  mainFields: ['module', 'main'],
};
const node = { ...shared, platform: 'node', format: 'cjs', target: 'node20' };

const editor = { ...node, ...parted, external: ['vscode'] };

/** One entry for each process that Permafrost's code runs in, and for each of its lazy parts. */
const bundles = [
  { ...editor, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js' },
  { ...editor, entryPoints: ['src/editor/config/configHelp.ts'], outfile: 'dist/configHelp.js' },
  {
    ...editor,
    entryPoints: ['src/editor/report/reportPanel.ts'],
    outfile: 'dist/reportPanel.js',
  },
  {
    ...editor,
    entryPoints: ['src/editor/checkpoint/checkpointParts.ts'],
    outfile: 'dist/checkpointParts.js',
  },
  { ...node, entryPoints: ['src/runs/report/reportExport.ts'], outfile: 'dist/reportExport.js' },
  {
    ...node,
    ...parted,
    entryPoints: ['src/cli/main.ts'],
    outfile: 'dist/cli.js',
    banner: { js: '#!/usr/bin/env node' },
  },
  {
    ...node,
    ...parted,
    entryPoints: ['src/cli/checkpoints/checkpointCommands.ts'],
    outfile: 'dist/checkpointCommands.js',
  },
  // Two files: the preload goes into every Node process of a run and must cost nothing there;
  // it loads the hook only where TensorFlow.js is loaded.
  { ...node, entryPoints: ['src/tfjs/preload.ts'], outfile: 'dist/tfjs-preload.cjs' },
  { ...node, entryPoints: ['src/tfjs/hook.ts'], outfile: 'dist/tfjs-hook.cjs' },
  {
    ...node,
    format: 'esm',
    entryPoints: ['src/tfjs/engine/resolveThread.ts'],
    outfile: 'dist/tfjs-resolve.mjs',
  },
  // Reads checkpoints in a thread of its own, for the editor and the command line.
  {
    ...node,
    entryPoints: ['src/model/jobs/worker.ts'],
    outfile: 'dist/checkpoint-worker.cjs',
  },
  {
    ...node,
    entryPoints: ['src/engines/probe/probeScript.ts'],
    outfile: 'dist/engine-probe.cjs',
  },
  {
    ...shared,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    entryPoints: { report: 'src/report/main.ts' },
    outdir: 'dist',
  },
];

if (watch) {
  const contexts = await Promise.all(bundles.map((options) => context(options)));
  await Promise.all(contexts.map((each) => each.watch()));
  console.log('watching');
} else {
  await rm(new URL('../dist', import.meta.url), { recursive: true, force: true });
  await Promise.all(bundles.map((options) => build(options)));
}
