import { join } from 'node:path';
import type { FoundEngine } from './findEngine';
import { tryTensorflow } from './install/verify';
import { tryDevice } from './webgpu/tryDevice';

/** How long an engine may take to load and add two numbers, in milliseconds. */
const LIMIT_MILLISECONDS = 60_000;

/**
 * Loads an engine in a process of its own and adds two numbers.
 * @returns the device that it computed on
 * @throws EngineError when it does not load, or cannot add
 */
export async function tryEngine(
  { folder, manifest }: FoundEngine,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const options = { env, signal: AbortSignal.timeout(LIMIT_MILLISECONDS) };
  if (manifest.kind === 'webgpu') {
    return (await tryDevice(join(folder, manifest.addon ?? ''), options)).name;
  }
  const { gpu } = await tryTensorflow(folder, manifest.package, options);
  return gpu ? 'the GPU (CUDA)' : 'the CPU';
}
