import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scripts = fileURLToPath(new URL('scripts', import.meta.url));
const NODE_PACKAGE = '@tensorflow/tfjs-node-gpu';
const LIBRARY = `node_modules/${NODE_PACKAGE}/deps/lib/libtensorflow_cc.so.2`;

/** The home with the engine `cpu` that `permafrost engine install cpu` made. */
export function realHome(): string {
  const program = join(root, 'scripts/install-engine.mjs');
  const printed = execFileSync(process.execPath, [program], { encoding: 'utf8' });
  return printed.trimEnd().split('\n').at(-1) ?? '';
}

/** A folder for a test file, removed after its tests. */
export function scratchFolder(parent: string = tmpdir()): string {
  const folder = mkdtempSync(join(parent, 'permafrost use '));
  folders.push(folder);
  return folder;
}

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** What a user's project has of TensorFlow.js. */
export type Installed =
  /** Nothing. */
  | 'nothing'
  /** `@tensorflow/tfjs`. */
  | 'plain'
  /** `@tensorflow/tfjs-node-gpu` as `npm install --ignore-scripts` leaves it: no addon. */
  | 'no-addon';

/** Makes a project in `folder` with our scripts, as CommonJS and as an ES module. */
export function makeProject(folder: string, installed: Installed, home: string): string {
  const project = join(folder, installed);
  cpSync(scripts, project, { recursive: true });
  const example = readFileSync(join(project, 'node-example.cjs'), 'utf8');
  writeFileSync(
    join(project, 'node-example.mjs'),
    example.replace(/^const (\w+) = require\((.*)\);$/gm, 'import * as $1 from $2;'),
  );
  if (installed === 'nothing') return project;
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, '@tensorflow'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules/@tensorflow'))) {
    symlinkSync(join(root, 'node_modules/@tensorflow', name), join(modules, '@tensorflow', name));
  }
  if (installed === 'plain') return project;
  const engine = join(home, 'cpu', 'node_modules');
  for (const name of readdirSync(engine)) {
    if (name !== '@tensorflow') symlinkSync(join(engine, name), join(modules, name));
  }
  for (const name of ['dist', 'package.json']) {
    cpSync(join(engine, NODE_PACKAGE, name), join(modules, NODE_PACKAGE, name), {
      recursive: true,
    });
  }
  return project;
}

/**
 * A home with a copy of the engine whose library was overwritten: of the right size and no library,
 * or cut short.
 */
export function damagedHome(home: string, damage: 'overwritten' | 'cut'): string {
  // On the same disk, so that the copy is of links.
  const damaged = scratchFolder(join(home, '..'));
  execFileSync('cp', ['-al', join(home, 'cpu'), join(damaged, 'cpu')]);
  const library = join(damaged, 'cpu', LIBRARY);
  const { files } = JSON.parse(
    readFileSync(join(damaged, 'cpu', 'permafrost-engine.json'), 'utf8'),
  ) as { readonly files: readonly { readonly path: string; readonly bytes: number }[] };
  const size = files.find(({ path }) => path === LIBRARY)?.bytes ?? 0;
  rmSync(library);
  writeFileSync(library, '');
  truncateSync(library, damage === 'cut' ? Math.floor(size / 2) : size);
  return damaged;
}
