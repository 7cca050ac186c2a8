import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { howToGetOne } from './install/compile';
import {
  checkPlatform,
  compiler,
  hasWheels,
  npmProgram,
  nvidiaDriver,
  programOnPath,
  thisPlatform,
} from './install/machine';
import { pythonCommands } from './install/python';
import { EngineError } from './install/report';
import { findEngine } from './findEngine';
import { engineHomes } from './homes';
import { ENGINE_KINDS, type EngineKind, type EngineSource } from './manifest';
import { checkPlatform as checkWebgpu } from './webgpu/packages';

/** What is known of one kind of engine without loading it. */
export type EngineStatus =
  | {
      readonly kind: EngineKind;
      readonly state: 'installed';
      readonly folder: string;
      readonly library: string;
      readonly source: EngineSource;
    }
  | {
      readonly kind: EngineKind;
      /** `unavailable`: this machine cannot have it as it is. */
      readonly state: 'missing' | 'unavailable';
      readonly reason: string;
      /** The way to it, as a sentence. */
      readonly advice: string;
    };

export interface MachineStatus {
  /** The engine that this machine gains most from. */
  readonly suggested: EngineKind;
  readonly engines: readonly EngineStatus[];
  /** Where engines are looked for. */
  readonly homes: readonly string[];
  /** Absolute paths; null for what is not there. */
  readonly python: string | null;
  readonly uv: string | null;
  readonly npm: string | null;
  readonly compiler: string | null;
  readonly driver: string | null;
}

/**
 * What is installed for the project in `folder`, and what this machine has to install more. Reads
 * files only and starts no process; never throws.
 */
export function engineStatus(folder: string, env: NodeJS.ProcessEnv): MachineStatus {
  const homes = engineHomes(folder, env);
  return {
    suggested: suggestedKind(env),
    engines: ENGINE_KINDS.map((kind) => statusOf(kind, homes, env)),
    homes,
    python: pythonCommands({ python: undefined, project: folder, env })[0] ?? null,
    uv: programOnPath('uv', env),
    npm: npmProgram(env),
    compiler: compiler(env),
    driver: nvidiaDriver(env),
  };
}

/** The engine that this machine gains most from: the GPU where it has one that can be used. */
export function suggestedKind(env: NodeJS.ProcessEnv): EngineKind {
  if (problemOf('gpu', env) === null && hasWheels(thisPlatform())) return 'gpu';
  // Every Mac has a GPU that WebGPU reaches.
  return process.platform === 'darwin' || problemOf('cpu', env) !== null ? 'webgpu' : 'cpu';
}

function statusOf(
  kind: EngineKind,
  homes: readonly string[],
  env: NodeJS.ProcessEnv,
): EngineStatus {
  const found = findEngine(kind, homes);
  if ('manifest' in found) {
    const { library, source } = found.manifest;
    return { kind, state: 'installed', folder: found.folder, library, source };
  }
  const problem = problemOf(kind, env);
  const isDamaged = homes.some((home) => existsSync(join(home, kind)));
  if (problem !== null && !isDamaged) return { kind, state: 'unavailable', ...problem };
  const advice = problem?.advice ?? `Install it with: permafrost engine install ${kind}.`;
  return { kind, state: 'missing', reason: found.missing, advice };
}

/** Why this machine cannot install an engine as it is; null when nothing is seen against it. */
function problemOf(
  kind: EngineKind,
  env: NodeJS.ProcessEnv,
): { readonly reason: string; readonly advice: string } | null {
  const platform = thisPlatform();
  try {
    if (kind === 'webgpu') checkWebgpu(platform.platform, platform.arch, platform.glibc);
    else checkPlatform(kind, platform);
  } catch (error) {
    if (error instanceof EngineError) return { reason: error.message, advice: error.advice };
    throw error;
  }
  if (kind === 'gpu' && nvidiaDriver(env) === null) {
    return {
      reason: 'No driver of NVIDIA was found.',
      advice: 'Install the driver, or choose cpu or webgpu.',
    };
  }
  return kind !== 'webgpu' && hasWheels(platform) && compiler(env) === null
    ? { reason: 'There is no C++ compiler on PATH.', advice: howToGetOne() }
    : null;
}
