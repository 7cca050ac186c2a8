/** What this machine has. Looks at files only, so that `permafrost engine status` is quick. */
import { accessSync, constants, existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import type { EngineKind } from '../manifest';
import { EngineError } from './report';

/** Folders in which a driver puts libcuda.so.1; the second is WSL's. */
const CUDA_DRIVERS = [
  '/usr/lib/x86_64-linux-gnu/libcuda.so.1',
  '/usr/lib/wsl/lib/libcuda.so.1',
  '/usr/lib64/libcuda.so.1',
  '/usr/lib/libcuda.so.1',
  '/run/opengl-driver/lib/libcuda.so.1',
];

/** The oldest glibc that TensorFlow's wheels run with: they are `manylinux_2_27`. */
const OLDEST_GLIBC = [2, 27] as const;

export interface Platform {
  /** As in `process.platform`. */
  readonly platform: string;
  /** As in `process.arch`. */
  readonly arch: string;
  /** As in `2.36`; null where the C library is another, as in Alpine. */
  readonly glibc: string | null;
}

/** This platform. */
export function thisPlatform(): Platform {
  return { platform: process.platform, arch: process.arch, glibc: glibcVersion() };
}

/** Whether TensorFlow's wheels serve here; elsewhere only the npm package's own download does. */
export function hasWheels({ platform }: Platform): boolean {
  return platform === 'linux';
}

/**
 * Throws where an engine of TensorFlow's cannot run.
 * @throws EngineError
 */
export function checkPlatform(kind: EngineKind, { platform, arch, glibc }: Platform): void {
  const refuse = (message: string): never => {
    throw new EngineError('unsupported', message, 'Try permafrost engine install webgpu.');
  };
  if (!['linux', 'darwin', 'win32'].includes(platform) || !['x64', 'arm64'].includes(arch)) {
    refuse(`There is no TensorFlow library for ${platform} on ${arch}.`);
  }
  if (platform === 'win32' && arch === 'arm64') {
    refuse('There is no TensorFlow library for Windows on ARM.');
  }
  if (kind === 'gpu' && platform === 'darwin') {
    refuse('CUDA does not exist on macOS: the engine gpu cannot be had.');
  }
  if (kind === 'gpu' && arch === 'arm64') {
    refuse('The TensorFlow library for ARM is built without CUDA: the engine gpu cannot be had.');
  }
  if (platform !== 'linux') return;
  if (glibc === null) {
    refuse('TensorFlow needs glibc, and this Linux has another C library (Alpine has musl).');
  } else if (isOlder(glibc)) {
    refuse(`TensorFlow needs glibc ${OLDEST_GLIBC.join('.')}, and this Linux has ${glibc}.`);
  }
}

function isOlder(glibc: string): boolean {
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  const [needed, neededMinor] = OLDEST_GLIBC;
  return major < needed || (major === needed && minor < neededMinor);
}

/** The version of glibc that this process runs with; null when it runs with none. */
export function glibcVersion(): string | null {
  if (process.platform !== 'linux') return null;
  // Without it, the name of each open socket's other end is looked up; @types/node lacks it.
  (process.report as { excludeNetwork?: boolean }).excludeNetwork = true;
  const { header } = process.report.getReport() as {
    readonly header: { readonly glibcVersionRuntime?: string };
  };
  return header.glibcVersionRuntime ?? null;
}

/** Where a driver of NVIDIA was seen; null where none was. */
export function nvidiaDriver(env: NodeJS.ProcessEnv): string | null {
  if (process.platform === 'win32') {
    const library = join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'nvcuda.dll');
    return existsSync(library) ? library : null;
  }
  const driver = ['/proc/driver/nvidia/version', ...CUDA_DRIVERS].find((file) => existsSync(file));
  return driver ?? programOnPath('nvidia-smi', env);
}

/** The C++ compiler to use: `CXX`, else the first of the usual ones; null when there is none. */
export function compiler(env: NodeJS.ProcessEnv): string | null {
  const names = [env['CXX'] ?? '', 'c++', 'g++', 'clang++'].filter((name) => name !== '');
  return names.map((name) => programOnPath(name, env)).find((file) => file !== null) ?? null;
}

/**
 * The Node that runs the user's scripts: this one, unless it is the editor's own.
 * Electron loads addons too, should there be no other.
 */
export function nodeProgram(env: NodeJS.ProcessEnv): string {
  const own = process.execPath;
  return process.versions['electron'] === undefined ? own : (programOnPath('node', env) ?? own);
}

/** npm of PATH, else the one beside Node; null when there is none. */
export function npmProgram(env: NodeJS.ProcessEnv): string | null {
  const beside = { ...env, PATH: dirname(process.execPath) };
  return programOnPath('npm', env) ?? programOnPath('npm', beside);
}

/** The absolute path of a program on PATH; null when there is none. */
export function programOnPath(name: string, env: NodeJS.ProcessEnv): string | null {
  const names =
    process.platform === 'win32' ? [`${name}.exe`, `${name}.cmd`, `${name}.bat`] : [name];
  const folders = isAbsolute(name) ? [''] : (env['PATH'] ?? env['Path'] ?? '').split(delimiter);
  for (const folder of folders) {
    for (const file of names.map((each) => join(folder, each))) {
      if (isAbsolute(file) && isExecutable(file)) return file;
    }
  }
  return null;
}

/** Bytes that the user may still write on the disk that holds `folder`. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
