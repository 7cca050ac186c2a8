import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lastLines } from '../install/execute';
import { runNpm } from '../install/npm';
import { EngineError, type InstallRequest } from '../install/report';

/** Dawn as an addon for Node, and the backend of TensorFlow.js that runs on it. */
export const DAWN = 'webgpu';
export const BACKEND = '@tensorflow/tfjs-backend-webgpu';
/** These versions were tried together, and these are their checksums in npm's registry. */
const PINNED = {
  [DAWN]: {
    version: '0.6.2',
    integrity:
      'sha512-3L4GfmqJLvYUIEWJngEQY+2HQiUlAFkg8+P8NDDj3Xx5hHHIFO/r8JW+ynfqBj7kHN4mbnwO74uB+lrRtLhp4Q==',
  },
  [BACKEND]: {
    version: '4.22.0',
    integrity:
      'sha512-lvIc7Af4Tl2BCdYp43iQmSCRq3asaKT0q2xaErphXiUZ+jqeB0bQa0ZvQys1Xatvto0U4/c90DVsHPfvkn5ftg==',
  },
} as const;
type PackageName = keyof typeof PINNED;
const BACKEND_FILE = join('dist', 'tf-backend-webgpu.node.js');

/** Bytes, measured: both downloads, and both packages unpacked beside npm's copies of the files. */
export const DOWNLOAD_BYTES = 55e6;
export const DISK_BYTES = 220e6;

/** Name and version of what an engine of this kind computes with. */
export const LIBRARY = `Dawn (${DAWN} ${PINNED[DAWN].version})`;

/** Platforms that the addon is built for, by `process.platform` and `process.arch`. */
const PLATFORMS = [
  'linux-x64',
  'linux-arm64',
  'darwin-x64',
  'darwin-arm64',
  'win32-x64',
  'win32-arm64',
];
/** The oldest glibc that the addon loads with, by the symbols that it asks for. */
const OLDEST_GLIBC = 34;

/**
 * Throws where the addon cannot run.
 * @param glibc as in `2.36`; null where the C library is another
 * @throws EngineError
 */
export function checkPlatform(platform: string, arch: string, glibc: string | null): void {
  const refuse = (message: string, advice: string): never => {
    throw new EngineError('unsupported', message, advice);
  };
  if (!PLATFORMS.includes(`${platform}-${arch}`)) {
    refuse(`There is no WebGPU addon for ${platform} on ${arch}.`, 'Train on the CPU here.');
  }
  if (platform !== 'linux') return;
  const needs = `The WebGPU addon needs glibc 2.${String(OLDEST_GLIBC)}`;
  const advice = 'Use a newer Linux, or the engine gpu (CUDA) or cpu.';
  if (glibc === null) refuse(`${needs}, and this Linux has another C library.`, advice);
  else if (Number(glibc.split('.')[1]) < OLDEST_GLIBC) {
    refuse(`${needs}, and this Linux has ${glibc}.`, advice);
  }
}

/** Folder of the addon's files in its package. */
function addonFolder(): string {
  return join(
    'dist',
    `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`,
  );
}

/** The addon, relative to the engine's folder, parts separated by `/`. */
export function addonPath(): string {
  return ['node_modules', DAWN, addonFolder(), 'dawn.node'].join('/').replaceAll('\\', '/');
}

/** The files without which the engine cannot be used, as `addonPath`. */
export function neededFiles(): readonly string[] {
  const backend = ['node_modules', BACKEND, BACKEND_FILE].join('/').replaceAll('\\', '/');
  return [addonPath(), backend];
}

/**
 * Puts both packages into `folder`/node_modules, without the addons of other platforms: by npm,
 * which runs none of their scripts and compares their checksums with those above; where it cannot
 * be reached, copied from the project's own, of the same versions.
 * @throws EngineError
 */
export async function fetchPackages(folder: string, request: InstallRequest): Promise<void> {
  const scratch = join(folder, 'fetched');
  await mkdir(scratch);
  const failure = await byNpm(scratch, request);
  if (failure === null) {
    await keepNeeded((name) => join(scratch, 'node_modules', name), folder);
  } else {
    const { project } = request;
    const found = {
      [DAWN]: await ofProject(DAWN, project),
      [BACKEND]: await ofProject(BACKEND, project),
    };
    if (found[DAWN] === null || found[BACKEND] === null) throw failure;
    await keepNeeded((name) => found[name] ?? '', folder);
    request.report({
      type: 'warning',
      text: failure.message,
      advice: `The engine is made of the packages that ${project} has.`,
    });
  }
  await rm(scratch, { recursive: true });
}

/** Null when it succeeded. @throws EngineError for what another way would not mend */
async function byNpm(folder: string, request: InstallRequest): Promise<EngineError | null> {
  await writeLock(folder);
  const output = await runNpm(folder, NPM_ARGUMENTS, request);
  if (typeof output !== 'string') return output;
  if (output.includes('EINTEGRITY')) {
    throw new EngineError(
      'corrupt',
      `What npm downloaded has not the checksum of the registry: ${lastLines(output)}`,
      'Try again after `npm cache verify`; if it stays, what `npm config get registry` names serves other files than npmjs.org.',
    );
  }
  const [, reason = lastLines(output)] = /^npm \S+ code (\w+)/m.exec(output) ?? [];
  return new EngineError(
    UNREACHABLE.has(reason) ? 'no-network' : 'failed',
    `npm cannot fetch ${DAWN}: ${reason}.`,
    'Check the connection, and what `npm config ls` says of registry and proxy.',
  );
}

/** What npm calls a registry that it cannot reach; ENOTCACHED is that of `offline=true`. */
const UNREACHABLE = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'ENETUNREACH',
  'ENOTCACHED',
]);

const NPM_ARGUMENTS = [
  'ci',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--no-update-notifier',
  '--prefer-offline',
  '--loglevel=error',
  '--fetch-retries=2',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=5000',
];

/** `npm ci` fetches what the lock file lists, so none of what the packages depend on. */
async function writeLock(folder: string): Promise<void> {
  const entries = Object.entries(PINNED);
  const dependencies = Object.fromEntries(entries.map(([name, { version }]) => [name, version]));
  const packages = {
    '': { dependencies },
    ...Object.fromEntries(entries.map(([name, pinned]) => [`node_modules/${name}`, pinned])),
  };
  const lock = { lockfileVersion: 3, requires: true, packages };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lock));
}

/** The folder of a package in the project, of the pinned version; null when there is none. */
async function ofProject(name: PackageName, project: string): Promise<string | null> {
  for (let folder = project; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    const text = await readFile(join(place, 'package.json'), 'utf8').catch(() => '{}');
    const { version } = JSON.parse(text) as { readonly version?: string };
    if (version === PINNED[name].version) return place;
    if (folder === dirname(folder)) return null;
  }
}

/** Copies what is used of the packages, and their licences. */
async function keepNeeded(sourceOf: (name: PackageName) => string, folder: string): Promise<void> {
  const kept: readonly (readonly [PackageName, readonly string[]])[] = [
    [DAWN, ['package.json', 'LICENSE.md', addonFolder()]],
    [BACKEND, ['package.json', BACKEND_FILE]],
  ];
  for (const [name, files] of kept) {
    for (const file of files) {
      const target = join(folder, 'node_modules', name, file);
      await cp(join(sourceOf(name), file), target, { recursive: true, dereference: true });
    }
  }
}
