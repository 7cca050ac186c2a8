import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { FoundEngine } from './findEngine';

/** Folder of the engine's own npm packages. */
export function packagesOf({ folder, manifest }: FoundEngine): string {
  return join(folder, manifest.packages);
}

/** Folder of the tfjs-node package that the engine serves. */
export function nodePackageOf(engine: FoundEngine): string {
  return join(packagesOf(engine), engine.manifest.package);
}

/** `require` as a script beside the engine's packages would have it. */
export function requireOf(engine: FoundEngine): NodeJS.Require {
  return createRequire(join(packagesOf(engine), '..', 'permafrost.js'));
}

/** Whether a script with this `require` finds the module. */
export function canRequire({ resolve }: NodeJS.Require, request: string): boolean {
  try {
    resolve(request);
    return true;
  } catch {
    return false;
  }
}
