import { cpSync, existsSync, readFileSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { lastLines } from './execute';
import { runNpm } from './npm';
import { EngineError, type InstallRequest } from './report';

/** The version of TensorFlow.js that the engines bring. */
const TFJS = '4.22.0';
/** Measured: what npm downloads, and what the packages take before their source maps are deleted. */
export const PACKAGES_DOWNLOAD_BYTES = 60e6;
export const PACKAGES_DISK_BYTES = 330e6;

export type NodePackage = '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';

export interface InstalledPackages {
  /** The package of the addon: what was asked for, or what the project has instead. */
  readonly package: NodePackage;
  /** Folder with `node_api.h`. */
  readonly headers: string;
}

/**
 * Puts the npm packages of an engine into `folder`/node_modules, none of their scripts run: by
 * npm, or else copied from the project's own.
 * @throws EngineError
 */
export async function installPackages(
  folder: string,
  wanted: NodePackage,
  request: InstallRequest,
): Promise<InstalledPackages> {
  const text = `Installing ${wanted} ${TFJS} and what it depends on`;
  request.report({ type: 'progress', step: 'packages', done: 0, total: 0, text });
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  const failure = await byNpm(folder, wanted, request);
  const found = failure === null ? wanted : copyOfProject(folder, wanted, request.project);
  if (found === null) throw failure ?? new Error('npm failed');
  if (failure !== null) {
    request.report({
      type: 'warning',
      text: `npm could not install ${wanted} (${failure.message})`,
      advice: `The engine uses the copy of ${found} in ${request.project}.`,
    });
  }
  await deleteSourceMaps(join(folder, 'node_modules'));
  return { package: found, headers: apiHeaders(folder) };
}

/** Null when it succeeded. @throws EngineError for what another way would not mend */
async function byNpm(
  folder: string,
  name: NodePackage,
  request: InstallRequest,
): Promise<EngineError | null> {
  const packages = [
    `${name}@${TFJS}`,
    `@tensorflow/tfjs-backend-wasm@${TFJS}`,
    'node-api-headers@1',
  ];
  const output = await runNpm(
    folder,
    [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      '--loglevel=error',
      '--fetch-retries=2',
      '--fetch-retry-mintimeout=1000',
      '--fetch-retry-maxtimeout=5000',
      ...packages,
    ],
    request,
  );
  if (typeof output !== 'string') return output;
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH/.test(output);
  return new EngineError(
    offline ? 'no-network' : 'failed',
    `npm cannot install ${name}: ${lastLines(output)}`,
    'Check the connection, and what `npm config ls` says of registry and proxy.',
  );
}

/**
 * Copies a package and what it depends on from the project's node_modules.
 * @returns which of the two packages it is; null when the project has none with its sources
 */
function copyOfProject(folder: string, wanted: NodePackage, project: string): NodePackage | null {
  const names: readonly NodePackage[] =
    wanted === '@tensorflow/tfjs-node'
      ? ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu']
      : ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
  for (const name of names) {
    const source = packageFolder(name, project);
    if (source === null || !existsSync(join(source, 'binding', 'tfjs_backend.cc'))) continue;
    copyPackage(name, source, folder, folder, new Map());
    for (const extra of ['@tensorflow/tfjs-backend-wasm', 'node-api-headers']) {
      const place = packageFolder(extra, project);
      if (place !== null) copyPackage(extra, place, folder, folder, new Map());
    }
    return name;
  }
  return null;
}

/**
 * Copies to the top of `root`'s node_modules, or below the package that depends on it where
 * another version lies at the top.
 */
function copyPackage(
  name: string,
  source: string,
  root: string,
  dependent: string,
  copied: Map<string, string>,
): void {
  if (copied.has(source)) return;
  const top = join(root, 'node_modules', name);
  const target = existsSync(top) ? join(dependent, 'node_modules', name) : top;
  copied.set(source, target);
  cpSync(source, target, {
    recursive: true,
    dereference: true,
    filter: (file) => !/^(node_modules|deps|lib\/napi)/.test(relative(source, file)),
  });
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(source, 'package.json'), 'utf8'),
  ) as Readonly<Record<'dependencies' | 'peerDependencies', Record<string, string> | undefined>>;
  for (const each of Object.keys({ ...peerDependencies, ...dependencies })) {
    const place = packageFolder(each, source);
    if (place !== null) copyPackage(each, place, root, target, copied);
  }
}

/** The folder of a package as a module in `from` would find it; null when there is none. */
function packageFolder(name: string, from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(join(place, 'package.json'))) return place;
    if (folder === dirname(folder)) return null;
  }
}

/** Folder with the headers of Node-API: of the npm package, else of Node itself. */
function apiHeaders(folder: string): string {
  const node = dirname(dirname(process.execPath));
  const places = [
    join(folder, 'node_modules', 'node-api-headers', 'include'),
    join(node, 'include', 'node'),
  ];
  const found = places.find((place) => existsSync(join(place, 'node_api.h')));
  if (found !== undefined) return found;
  throw new EngineError(
    'failed',
    'The headers of Node-API are missing.',
    'Install them in your project: npm install --save-dev node-api-headers.',
  );
}

/** They are two thirds of what the packages take, and nobody steps through them here. */
async function deleteSourceMaps(folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true });
  for (const file of files.filter((name) => name.endsWith('.map'))) await rm(join(folder, file));
}
