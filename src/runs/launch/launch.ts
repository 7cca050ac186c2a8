import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { parseConfig } from '../../freeze/config';
import type { EngineChoice } from '../../freeze/format';
import { appendEvent } from '../eventWriter';
import { withPreload } from './nodeOptions';
import { siteFolder, withSite } from './pythonPath';
import {
  configSnapshot,
  eventsFile,
  inspectionFile,
  inspectionsDirectory,
  runsDirectory,
  stateDirectory,
} from '../paths';

export interface RunRequest {
  /** Folder that holds `.permafrost`. */
  readonly folder: string;
  readonly command: string;
  /** Where the command runs; `folder` when not given. */
  readonly cwd?: string;
  readonly configFile: string;
  readonly configText: string;
  readonly launcher: 'cli' | 'editor';
  readonly mode: 'run' | 'inspect';
  readonly pid: number | null;
  /** Bytes of memory for kept references. */
  readonly budget?: number;
  /** What TensorFlow.js may run on. */
  readonly engines?: LaunchEngines;
  readonly baseEnv: NodeJS.ProcessEnv;
  /** Folder with `tfjs-preload.cjs`; the Python hook lies in `python` beside it. */
  readonly dist: string;
  /** Version of Permafrost. */
  readonly version: string;
}

/** The engines that the hook finds, and what `"engine": "auto"` means. */
export interface LaunchEngines {
  /** Folders in which engines are installed, absolute. */
  readonly homes: readonly string[];
  /** What was measured to be the fastest, and the measurements as a sentence. */
  readonly measured: { readonly choice: EngineChoice; readonly why: string } | null;
}

export interface PreparedRun {
  readonly id: string;
  readonly directory: string;
  /** The events file. */
  readonly events: string;
  /** Only what Permafrost adds to or changes in the environment of the command. */
  readonly env: Record<string, string>;
}

/** A run cannot be prepared; the message names the file. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';

  constructor(
    message: string,
    /** The file or folder that is in the way. */
    readonly file: string,
    /** The way out, as a sentence. */
    readonly advice: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Makes the folder of a new run with a copy of the config and the `run-started` event. Never
 * touches another run.
 * @throws LaunchError
 */
export async function prepareRun(request: RunRequest): Promise<PreparedRun> {
  const { folder, configText } = request;
  const parent = request.mode === 'run' ? runsDirectory(folder) : inspectionsDirectory(folder);
  try {
    const { id, directory } = await makeDirectory(folder, parent);
    await writeFile(configSnapshot(directory), configText);
    const events = eventsFile(directory);
    const config = parseConfig(configText).config;
    await appendEvent(events, 'launcher', {
      type: 'run-started',
      id,
      command: request.command,
      cwd: request.cwd ?? folder,
      launcher: request.launcher,
      permafrost: request.version,
      pid: request.pid,
      onMove: config?.onMove ?? 'report',
      rules: config?.rules.map(({ text }) => text) ?? [],
    });
    return { id, directory, events, env: environment(request, directory, config?.engine) };
  } catch (error) {
    const { code = String(error), path = parent } = error as NodeJS.ErrnoException;
    throw new LaunchError(`Cannot write ${path} (${code}).`, path, adviceFor(code), {
      cause: error,
    });
  }
}

function adviceFor(code: string): string {
  switch (code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return 'Move the file away that stands where Permafrost needs a folder.';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'Free some space on the disk.';
    default:
      return 'Make the folder writable, or work on a copy of the project in a folder that is.';
  }
}

async function makeDirectory(
  folder: string,
  parent: string,
): Promise<{ readonly id: string; readonly directory: string }> {
  await mkdir(parent, { recursive: true });
  await writeOnce(join(stateDirectory(folder), '.gitignore'), '*\n');
  for (;;) {
    const id = newRunId(new Date());
    const directory = join(parent, id);
    try {
      await mkdir(directory);
      return { id, directory };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

async function writeOnce(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** `20261124-181503-ab12`: local time, then four random hexadecimal digits. */
export function newRunId(now: Date): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${String(now.getFullYear())}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  return `${day}-${time}-${randomBytes(2).toString('hex')}`;
}

function environment(
  request: RunRequest,
  directory: string,
  engine: EngineChoice | undefined,
): Record<string, string> {
  return {
    PERMAFROST_RUN_DIR: directory,
    PERMAFROST_MODE: request.mode,
    PERMAFROST_COMMAND: request.command,
    PERMAFROST_CONFIG_FILE: request.configFile,
    PERMAFROST_INSPECTION: inspectionFile(request.folder),
    ...(request.budget === undefined ? {} : { PERMAFROST_BUDGET: String(request.budget) }),
    ...engineVariables(request, engine),
    NODE_OPTIONS: withPreload(
      request.baseEnv['NODE_OPTIONS'],
      join(request.dist, 'tfjs-preload.cjs'),
    ),
    PYTHONPATH: withSite(request.baseEnv['PYTHONPATH'], siteFolder(request.dist)),
  };
}

function engineVariables(
  { engines, baseEnv }: RunRequest,
  engine: EngineChoice | undefined,
): Record<string, string> {
  if (engines === undefined) return {};
  const { homes, measured } = engines;
  // libtensorflow reads it when it is loaded, also in a worker thread, which cannot set it: its
  // log lines would stand among what the script prints.
  const quiet = engine !== undefined && baseEnv['TF_CPP_MIN_LOG_LEVEL'] === undefined;
  return {
    PERMAFROST_ENGINE_HOMES: homes.join(delimiter),
    ...(measured !== null && {
      PERMAFROST_ENGINE: measured.choice,
      PERMAFROST_ENGINE_WHY: measured.why,
    }),
    ...(quiet && { TF_CPP_MIN_LOG_LEVEL: '3' }),
  };
}
