import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { shellWord } from './shellWord';
import { trainingScripts } from './trainingScripts';

const packageJson = z.object({ scripts: z.optional(z.record(z.string(), z.string())) });
const SCRIPTS = ['train', 'start'];

/** Finds the Python of the project, which takes a while: asked only for a Python script. */
export type FindPython = () => Promise<string | undefined>;

/**
 * The commands that most likely train the project in `folder`, the likeliest first: an npm script
 * `train` or `start`, else a file `train.js`; then Python scripts. Never throws.
 */
export async function guessCommands(
  folder: string,
  python: FindPython,
): Promise<readonly string[]> {
  const [npm, scripts] = await Promise.all([npmCommand(folder), trainingScripts(folder)]);
  const isPython = (script: string): boolean => script.endsWith('.py');
  const [javascript] = scripts.filter((script) => !isPython(script));
  const node = npm ?? (javascript === undefined ? undefined : scriptCommand(javascript, 'node'));
  const found = scripts.filter(isPython);
  const interpreter = found.length === 0 ? undefined : await pythonOr(python);
  return [
    ...(node === undefined ? [] : [node]),
    ...found.map((script) => scriptCommand(script, interpreter)),
  ];
}

/** The command that runs `script`, a path relative to the project with `/`. */
export async function commandForScript(script: string, python: FindPython): Promise<string> {
  return scriptCommand(script, script.endsWith('.py') ? await pythonOr(python) : 'node');
}

/** What the user then corrects, since no Python is known. */
async function pythonOr(python: FindPython): Promise<string> {
  return (await python().catch(() => undefined)) ?? 'python';
}

function scriptCommand(script: string, interpreter = 'python'): string {
  return `${shellWord(interpreter)} ${shellWord(script)}`;
}

async function npmCommand(folder: string): Promise<string | undefined> {
  const scripts = await npmScripts(folder);
  const script = SCRIPTS.find((name) => scripts[name] !== undefined);
  if (script === undefined) return undefined;
  return script === 'start' ? 'npm start' : `npm run ${script}`;
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
