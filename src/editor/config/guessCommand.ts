import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';

const packageJson = z.object({ scripts: z.optional(z.record(z.string(), z.string())) });
const SCRIPTS = ['train', 'start'];
const FILES = ['train.js', 'train.mjs', 'train.cjs'];

/**
 * The command that most likely trains the project in `folder`: an npm script `train` or `start`,
 * else a file `train.js`. Undefined when there is none. Never throws.
 */
export async function guessCommand(folder: string): Promise<string | undefined> {
  const scripts = await npmScripts(folder);
  const script = SCRIPTS.find((name) => scripts[name] !== undefined);
  if (script !== undefined) return script === 'start' ? 'npm start' : `npm run ${script}`;
  for (const file of FILES) {
    const text = await readFile(join(folder, file)).catch(() => null);
    if (text !== null) return `node ${file}`;
  }
  return undefined;
}

async function npmScripts(folder: string): Promise<Readonly<Record<string, string>>> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const parsed = packageJson.safeParse(value);
    return parsed.success ? (parsed.data.scripts ?? {}) : {};
  } catch {
    return {};
  }
}
