import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { FoundEngine } from '../../engines/findEngine';
import { preloadLibraries } from './nativeLibraries';
import { claimLibrary } from './oneThread';

/** What the addon of tfjs-node exports, as far as it is looked at. */
export interface Bindings {
  /** Version of libtensorflow. */
  readonly TF_Version?: string;
}

/** An addon that was loaded, or why it cannot be, as a sentence without a full stop. */
export type LoadedAddon =
  { readonly file: string; readonly bindings: Bindings } | { readonly reason: string };

/** Only what is fatal: TensorFlow's log lines would stand among what the script prints. */
const QUIET = '3';

/** Loads the addon in `file` as its package does; what a package itself loads stays the same one. */
export function loadAddon(file: string): LoadedAddon {
  try {
    return { file, bindings: createRequire(file)(file) as Bindings };
  } catch (error) {
    const [line = ''] = String(error instanceof Error ? error.message : error).split('\n');
    return { reason: `${file} cannot be loaded: ${line.slice(line.lastIndexOf('/') + 1)}` };
  }
}

/**
 * Loads the addon of an installed engine, and what it needs.
 * @param hideGpu lets libtensorflow see no GPU
 */
export function loadEngineAddon(engine: FoundEngine, hideGpu: boolean): LoadedAddon {
  const { folder, manifest } = engine;
  if (manifest.addon === undefined) return { reason: `the engine in ${folder} has no addon` };
  const file = join(folder, manifest.addon);
  if (!claimLibrary()) return { reason: 'Another thread of this process has TensorFlow already' };
  const env = { TF_CPP_MIN_LOG_LEVEL: QUIET, ...(hideGpu && { CUDA_VISIBLE_DEVICES: '-1' }) };
  return withEnvironment(env, () => {
    preloadLibraries(hideGpu ? [] : (manifest.libraryPaths ?? []));
    return loadAddon(file);
  });
}

/**
 * Runs `body` with variables in the environment that the user did not set. libtensorflow reads them
 * when it is loaded; the script and its children see the environment as it was.
 */
export function withEnvironment<T>(variables: Readonly<Record<string, string>>, body: () => T): T {
  const added = Object.keys(variables).filter((name) => process.env[name] === undefined);
  for (const name of added) process.env[name] = variables[name];
  try {
    return body();
  } finally {
    for (const name of added) Reflect.deleteProperty(process.env, name);
  }
}
