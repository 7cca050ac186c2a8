import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Folders of the tfjs-node packages that the script could require, the GPU's first. */
export function usersNodePackages(): readonly string[] {
  const script = createRequire(process.argv[1] ?? join(process.cwd(), 'permafrost.js'));
  return ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'].flatMap((name) => {
    try {
      return dirname(script.resolve(`${name}/package.json`));
    } catch {
      return [];
    }
  });
}

/** The addons that lie in a tfjs-node package, those for a later Node-API behind. */
export function addonsIn(packageFolder: string): readonly string[] {
  try {
    return readdirSync(join(packageFolder, 'lib'))
      .map((name) => join(packageFolder, 'lib', name, 'tfjs_binding.node'))
      .filter((file) => existsSync(file));
  } catch {
    return [];
  }
}
