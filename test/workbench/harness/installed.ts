import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const STAMP = new URL('../install/node_modules/.permafrost-installed.json', import.meta.url);

const stamp = z.object({ browser: z.string(), node: z.string(), codeServer: z.string() });

/** Absolute paths of the programs that `scripts/install-workbench.mjs` installed. */
export type Installed = z.infer<typeof stamp>;

/** Throws with the way out when the workbench is not installed. */
export function installed(): Installed {
  let text: string;
  try {
    text = readFileSync(STAMP, 'utf8');
  } catch {
    throw new Error('The workbench is not installed: run `node scripts/install-workbench.mjs`.');
  }
  return stamp.parse(JSON.parse(text));
}
