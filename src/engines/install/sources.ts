/** Where a libtensorflow can come from: what the Python has, PyPI, the npm package's own download. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { EngineSource } from '../manifest';
import { execute, fullDisk, lastLines, tellsOfFullDisk } from './execute';
import { nodeProgram, nvidiaDriver } from './machine';
import { PACKAGES_DISK_BYTES, PACKAGES_DOWNLOAD_BYTES, type NodePackage } from './packages';
import type { Python } from './python';
import { EngineError, type InstallRequest, type InstallStep } from './report';
import { fetchWheels, findWheels, totalBytes, unpackWheels } from './wheels';

export type TensorflowKind = 'cpu' | 'gpu';

export const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;

/** Measured of 2.21.0: what is unpacked of wheels, for each byte of them. */
const UNPACKED_PER_BYTE = { cpu: 3.5, gpu: 2.3 } as const;
/** Roughly, of libtensorflow 2.9.1 with its addon. */
const PACKAGE_DOWNLOAD_BYTES = { cpu: 140e6, gpu: 420e6 } as const;

/** A source that seems to be there; nothing of it has been taken yet. */
export interface Source {
  readonly source: EngineSource;
  readonly package: NodePackage;
  readonly steps: readonly InstallStep[];
  readonly downloadBytes: number;
  readonly diskBytes: number;
  /**
   * Puts the library into `deps` of the package.
   * @returns the folder of headers to compile the addon with; null when the addon came along
   * @throws EngineError
   */
  readonly provide: (packageFolder: string) => Promise<string | null>;
}

export interface SourceContext {
  readonly kind: TensorflowKind;
  readonly request: InstallRequest;
  readonly pythons: readonly Python[];
  /** Where wheels are kept until the engine is finished. */
  readonly downloads: string;
  /** An empty folder to work in. */
  readonly scratch: string;
}

/**
 * A `tensorflow` in a Python of the user's, which is linked to; null when there is none. For
 * `cpu`, one that would compute on the GPU does not serve.
 */
export function pythonSource({ kind, request, pythons }: SourceContext): Source | null {
  const gpu = nvidiaDriver(request.env) !== null;
  const python = pythons.find(
    ({ facts: { tensorflow, cuda } }) =>
      tensorflow !== null &&
      (kind === 'gpu' ? cuda : !(cuda && gpu)) &&
      [...LIBRARIES, 'include/tensorflow/c/c_api.h'].every((file) =>
        existsSync(join(tensorflow, file)),
      ),
  );
  const { tensorflow = null, nvidia = null, cuda = false } = python?.facts ?? {};
  if (tensorflow === null) return null;
  return {
    source: 'python',
    package: '@tensorflow/tfjs-node-gpu',
    steps: ['packages', 'compile', 'verify'],
    downloadBytes: PACKAGES_DOWNLOAD_BYTES,
    diskBytes: PACKAGES_DISK_BYTES,
    provide: async (folder) => {
      await mkdir(join(folder, 'deps', 'lib'), { recursive: true });
      for (const name of LIBRARIES) {
        await symlink(join(tensorflow, name), join(folder, 'deps', 'lib', name));
      }
      // The library looks for CUDA in ../nvidia of where it lies, as pip lays it out.
      if (cuda && nvidia !== null) await symlink(nvidia, join(folder, 'deps', 'nvidia'), 'dir');
      return join(tensorflow, 'include');
    },
  };
}

/** PyPI's wheel, or that of the registry that pip is set to. @throws EngineError */
export async function pypiSource(context: SourceContext): Promise<Source> {
  const { kind, request, downloads, scratch } = context;
  const python = context.pythons.find(({ facts }) => facts.pip);
  if (python === undefined) {
    throw new EngineError(
      'no-python',
      context.pythons.length === 0
        ? 'There is no Python on PATH.'
        : 'No Python on PATH has pip, and there is no uv.',
      'Install one, with: sudo apt-get install python3-pip, or uv (https://docs.astral.sh/uv); or name a Python with --python.',
    );
  }
  const wheels = await findWheels(kind, python, request, scratch);
  const bytes = totalBytes(wheels);
  const files = wheels.map(({ file }) => join(downloads, file));
  return {
    source: 'pypi',
    package: '@tensorflow/tfjs-node-gpu',
    steps: ['packages', 'download', 'unpack', 'compile', 'verify'],
    downloadBytes: PACKAGES_DOWNLOAD_BYTES + bytes,
    diskBytes: PACKAGES_DISK_BYTES + bytes * (1 + UNPACKED_PER_BYTE[kind]),
    provide: async (folder) => {
      await fetchWheels(wheels, downloads, python, request, scratch);
      const unpacked = join(scratch, 'wheels');
      await unpackWheels(files, unpacked, python, request, scratch).catch(
        async (error: unknown) => {
          if (error instanceof EngineError && error.code === 'corrupt') {
            for (const file of files) await rm(file, { force: true });
          }
          throw error;
        },
      );
      await mkdir(join(folder, 'deps', 'lib'), { recursive: true });
      for (const name of LIBRARIES) {
        await rename(join(unpacked, 'tensorflow', name), join(folder, 'deps', 'lib', name));
      }
      const nvidia = join(unpacked, 'nvidia');
      if (existsSync(nvidia)) await rename(nvidia, join(folder, 'deps', 'nvidia'));
      return join(unpacked, 'tensorflow', 'include');
    },
  };
}

/** The library and the addon that the npm package downloads at its own installation. */
export function packageSource({ kind, request }: SourceContext): Source {
  const { env, signal, home, report } = request;
  return {
    source: 'package',
    package: kind === 'gpu' ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node',
    steps: ['packages', 'download', 'verify'],
    downloadBytes: PACKAGES_DOWNLOAD_BYTES + PACKAGE_DOWNLOAD_BYTES[kind],
    diskBytes: PACKAGES_DISK_BYTES + 4 * PACKAGE_DOWNLOAD_BYTES[kind],
    provide: async (folder) => {
      const text = 'Downloading what the package brings itself (libtensorflow 2.9.1)';
      report({ type: 'progress', step: 'download', done: 0, total: 0, text });
      const node = nodeProgram(env);
      const programs = [join(folder, '..', '..', '.bin'), dirname(node), env['PATH'] ?? ''];
      const { code, output } = await execute(node, ['scripts/install.js', kind, 'download'], {
        cwd: folder,
        env: { ...env, PATH: programs.join(delimiter), NODE_OPTIONS: '' },
        signal,
      });
      if (tellsOfFullDisk(output)) throw fullDisk(home, output);
      if (code !== 0 || !(await hasAddon(folder))) {
        throw new EngineError(
          'no-network',
          `The package cannot download its library: ${lastLines(output)}`,
          'It comes from storage.googleapis.com; the variable HTTPS_PROXY names a proxy.',
        );
      }
      return null;
    },
  };
}

async function hasAddon(folder: string): Promise<boolean> {
  const names = await readdir(join(folder, 'lib'), { recursive: true }).catch(() => []);
  return names.some((name) => name.endsWith('tfjs_binding.node'));
}
