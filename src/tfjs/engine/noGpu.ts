import { existsSync } from 'node:fs';
import type { FoundEngine } from '../../engines/findEngine';

/** What a loaded NVIDIA driver shows: Linux, and Windows' GPU inside WSL. */
const DRIVER = ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/dev/dxg'];

/** Why libtensorflow found no GPU, as far as this can be told from here; without a full stop. */
export function noGpuReason(library: string, engine: FoundEngine | null): string {
  const runs = `so ${library} runs on the CPU`;
  if (process.env['CUDA_VISIBLE_DEVICES'] === '' || process.env['CUDA_VISIBLE_DEVICES'] === '-1') {
    return `CUDA_VISIBLE_DEVICES hides the GPU, ${runs}`;
  }
  if (!DRIVER.some((file) => existsSync(file))) return `No NVIDIA driver is loaded, ${runs}`;
  return engine?.manifest.libraryPaths === undefined
    ? `There is an NVIDIA driver but no CUDA libraries come with the engine, ${runs}`
    : `${library} could not use the NVIDIA GPU with the CUDA libraries of the engine, ${runs}`;
}
