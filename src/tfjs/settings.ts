import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { FingerprintMode } from './proof/proofs';
import { workerThreads } from './workerThreads';

/** What the launcher of the run set in the environment. */
export interface Settings {
  /** Folder of the run, absolute. */
  readonly runDir: string;
  readonly events: string;
  readonly mode: 'run' | 'inspect';
  /** The command of the run, as a person would type it. */
  readonly command: string;
  /** The user's config, for messages only. */
  readonly configFile: string;
  /** The config as it was when the run started; null when the copy cannot be read. */
  readonly configText: string | null;
  /** Where the inspection is to be written; null when nobody asked. */
  readonly inspection: string | null;
  /** Bytes of memory for kept references. */
  readonly budget: number;
  /** Where frozen tensors are fingerprinted. */
  readonly fingerprints: FingerprintMode;
  /** Bytes of memory for outputs of frozen layers. */
  readonly cacheBudget: number;
  /** Folder for outputs of frozen layers beyond that. */
  readonly cacheFolder: string;
  /** Who writes events: the process id, with `.thread` in a worker thread. */
  readonly proc: string;
}

const GIB = 2 ** 30;

/** Reads the environment of this process; null outside a run. */
export function readSettings(env: NodeJS.ProcessEnv): Settings | null {
  const runDir = env['PERMAFROST_RUN_DIR'];
  if (runDir === undefined || runDir === '') return null;
  return {
    runDir,
    events: join(runDir, 'events.jsonl'),
    mode: env['PERMAFROST_MODE'] === 'inspect' ? 'inspect' : 'run',
    command: env['PERMAFROST_COMMAND'] ?? process.argv.join(' '),
    configFile: env['PERMAFROST_CONFIG_FILE'] ?? 'permafrost.json',
    configText: readText(join(runDir, 'permafrost.json')),
    inspection: env['PERMAFROST_INSPECTION'] ?? null,
    budget: bytesOf(env['PERMAFROST_BUDGET']),
    fingerprints: modeOf(env['PERMAFROST_FINGERPRINTS']),
    cacheFolder: env['PERMAFROST_CACHE_DIR'] ?? cacheFolder(runDir),
    cacheBudget: bytesOf(env['PERMAFROST_CACHE_BUDGET']),
    proc: procOf(workerThreads()),
  };
}

function procOf({ isMainThread, threadId }: ReturnType<typeof workerThreads>): string {
  return isMainThread ? `${process.pid}` : `${process.pid}.${threadId}`;
}

function modeOf(text: string | undefined): FingerprintMode {
  return text === 'device' || text === 'host' ? text : 'auto';
}

/** `.permafrost/cache` beside `.permafrost/runs`, where the run lies in such a folder. */
function cacheFolder(runDir: string): string {
  const runs = dirname(runDir);
  return basename(runs) === 'runs' ? join(dirname(runs), 'cache') : join(runDir, 'cache');
}

function bytesOf(text: string | undefined): number {
  const bytes = Number(text ?? GIB);
  return Number.isFinite(bytes) && bytes >= 0 ? bytes : GIB;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
