import { build, type BuildOptions } from 'esbuild';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** As scripts/build.mjs builds what runs in Node. */
export const NODE_BUNDLE: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  mainFields: ['module', 'main'],
  logLevel: 'warning',
};

/** A new folder for bundles, removed when the process of the test file ends. */
export async function bundleFolder(): Promise<string> {
  // A folder with a space in its name: users have such.
  const folder = await mkdtemp(join(tmpdir(), 'permafrost dist '));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Builds the hook's bundles into `outdir`. */
export async function buildHook(outdir: string): Promise<void> {
  await build({
    ...NODE_BUNDLE,
    entryPoints: {
      'tfjs-preload': 'src/tfjs/preload.ts',
      'tfjs-hook': 'src/tfjs/hook.ts',
      'engine-probe': 'src/engines/probe/probeScript.ts',
    },
    outdir,
    outExtension: { '.js': '.cjs' },
  });
  await build({
    ...NODE_BUNDLE,
    format: 'esm',
    entryPoints: { 'tfjs-resolve': 'src/tfjs/engine/resolveThread.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
  });
}
