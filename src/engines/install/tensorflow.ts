import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { EngineManifest } from '../manifest';
import { install, type Installation } from '../store';
import { compileAddon, needCompiler } from './compile';
import { ELSEWHERE } from './execute';
import { checkPlatform, freeBytes, hasWheels, nvidiaDriver, thisPlatform } from './machine';
import { installPackages, type InstalledPackages, type NodePackage } from './packages';
import { askPythons } from './python';
import { EngineError, type Installer, type InstallRequest, type InstalledEngine } from './report';
import {
  packageSource,
  pypiSource,
  pythonSource,
  type Source,
  type SourceContext,
  type TensorflowKind,
} from './sources';
import { tryTensorflow, type Trial } from './verify';

/** A folder that keeps downloads after the engine is finished too, for many installations. */
const DOWNLOADS_VARIABLE = 'PERMAFROST_ENGINE_DOWNLOADS';

/** What another source would not mend. */
const FINAL = ['cancelled', 'no-space', 'no-npm', 'no-compiler', 'locked'];

/** The installer of one of TensorFlow's engines. */
export function tensorflowInstaller(kind: TensorflowKind): Installer {
  return async (request) => {
    const { env, home } = request;
    checkPlatform(kind, thisPlatform());
    if (kind === 'gpu' && nvidiaDriver(env) === null) {
      throw new EngineError(
        'no-driver',
        'No driver of NVIDIA was found, so the engine gpu would compute on the CPU.',
        'Install the driver (https://www.nvidia.com/drivers), or choose permafrost engine install cpu or webgpu.',
      );
    }
    if (hasWheels(thisPlatform())) needCompiler(env);
    return install(home, kind, (installation) => build(kind, request, installation));
  };
}

/** Tries one source after the other until an engine works. */
async function build(
  kind: TensorflowKind,
  request: InstallRequest,
  installation: Installation,
): Promise<InstalledEngine> {
  const { env, report } = request;
  report({ type: 'progress', step: 'check', done: 0, total: 0, text: 'Looking at this machine' });
  const scratch = join(installation.folder, '.work');
  const downloads = env[DOWNLOADS_VARIABLE] || installation.downloads;
  await mkdir(scratch);
  await mkdir(downloads, { recursive: true });
  const wheels = hasWheels(thisPlatform());
  const pythons = wheels ? await askPythons(request, scratch) : [];
  const context: SourceContext = { kind, request, pythons, downloads, scratch };
  const sources = wheels ? [pythonSource, pypiSource, packageSource] : [packageSource];
  const failures: EngineError[] = [];
  for (const find of sources) {
    try {
      const source = await find(context);
      if (source !== null) return await buildFrom(source, context, installation);
    } catch (error) {
      if (!(error instanceof EngineError) || FINAL.includes(error.code)) throw error;
      failures.push(error);
      if (find === sources.at(-1)) break;
      report({ type: 'warning', text: error.message, advice: 'Another source is tried.' });
      await rm(scratch, { recursive: true, force: true });
      await mkdir(scratch);
    }
  }
  // What the last resort says is of less use than what keeps the usual way from working.
  throw failures.at(-2) ?? failures.at(-1) ?? new Error('no source');
}

async function buildFrom(
  source: Source,
  { kind, request, downloads, scratch }: SourceContext,
  { folder, place, finish }: Installation,
): Promise<InstalledEngine> {
  const { steps, downloadBytes, diskBytes } = source;
  request.report({
    type: 'plan',
    kind,
    folder: place,
    source: source.source,
    steps,
    downloadBytes: Math.round(downloadBytes),
    diskBytes: Math.round(diskBytes),
  });
  checkDisk(diskBytes, await freeBytes(folder), request.home);
  const packages = await freshPackages(folder, source.package, request);
  const packageFolder = join(folder, 'node_modules', packages.package);
  const headers = await source.provide(packageFolder);
  if (headers !== null) {
    const { headers: nodeHeaders } = packages;
    await compileAddon({ package: packageFolder, nodeHeaders, headers }, request);
  }
  const trial = await verify(kind, folder, packages.package, request);
  await rm(scratch, { recursive: true, force: true });
  const prefix = `node_modules/${packages.package}`;
  const libraryPaths = await cudaFolders(folder, place, `${prefix}/deps/nvidia`);
  const facts = {
    library: `TensorFlow ${trial.version}`,
    source: source.source,
    packages: 'node_modules',
    package: packages.package,
    addon: trial.modules.find((each) => each.endsWith('.node')) ?? '',
    ...(libraryPaths.length > 0 ? { libraryPaths } : {}),
  } satisfies Partial<EngineManifest>;
  const needed = [
    ...trial.modules,
    ...packageFiles(folder, trial.modules),
    ...(await librariesOf(folder, `${prefix}/deps`)),
  ];
  const manifest = await finish(facts, needed);
  if (!request.env[DOWNLOADS_VARIABLE]) await rm(downloads, { recursive: true, force: true });
  return { folder: place, manifest, device: trial.gpu ? 'the GPU (CUDA)' : 'the CPU' };
}

/**
 * Refuses before anything is downloaded.
 * @throws EngineError when `free` bytes are less than `needed`
 */
export function checkDisk(needed: number, free: number, home: string): void {
  if (free >= needed) return;
  const [need, have] = [needed, free].map((bytes) => (bytes / 1e9).toFixed(1));
  throw new EngineError(
    'no-space',
    `The engine needs ${String(need)} GB on the disk that holds ${home}, and ${String(have)} GB are free.`,
    `Free some space, or ${ELSEWHERE}`,
  );
}

/** A source that failed may have left its own in the packages. */
async function freshPackages(
  folder: string,
  name: NodePackage,
  request: InstallRequest,
): Promise<InstalledPackages> {
  await rm(join(folder, 'node_modules'), { recursive: true, force: true });
  return installPackages(folder, name, request);
}

async function verify(
  kind: TensorflowKind,
  folder: string,
  packageName: string,
  request: InstallRequest,
): Promise<Trial> {
  const text = 'Loading the engine and adding two numbers';
  request.report({ type: 'progress', step: 'verify', done: 0, total: 0, text });
  const trial = await tryTensorflow(folder, packageName, request);
  if (kind === 'cpu' || trial.gpu) return trial;
  const told = trial.output.split('\n').filter((line) => /cuda|cudnn|gpu|libraries/i.test(line));
  throw new EngineError(
    'no-cuda',
    `The driver of NVIDIA is there, but TensorFlow cannot use the GPU: ${told.slice(-3).join(' ') || 'it does not say why'}.`,
    'It needs CUDA 12 and cuDNN 9 (pip install tensorflow[and-cuda]) and a driver from 525 on; nvidia-smi tells the version.',
  );
}

/** The package.json of each package that was loaded. */
function packageFiles(folder: string, modules: readonly string[]): readonly string[] {
  const packages = modules.map(
    (each) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(each)?.[0],
  );
  const files = packages.map((each) => `${each ?? ''}/package.json`);
  return [...new Set(files)].filter((file) => existsSync(join(folder, file)));
}

/** The folders of CUDA's libraries as they will be called when `folder` has been moved to `place`. */
async function cudaFolders(
  folder: string,
  place: string,
  path: string,
): Promise<readonly string[]> {
  const parts = await readdir(join(folder, path)).catch(() => []);
  return parts
    .map((part) => join(path, part, 'lib'))
    .filter((each) => existsSync(join(folder, each)))
    .map((each) => join(place, each));
}

/** The libraries under a package's `deps`, also those behind a link. */
async function librariesOf(folder: string, deps: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const part of ['lib', 'nvidia']) {
    // readdir does not go into links, and both may be one.
    const inside = await readdir(join(folder, deps, part, '.'), { recursive: true }).catch(
      () => [],
    );
    names.push(...inside.map((name) => `${deps}/${part}/${name.split(sep).join('/')}`));
  }
  return names.filter((name) => /\.(so(\.[\d.]+)?|dylib|dll)$/.test(name));
}
