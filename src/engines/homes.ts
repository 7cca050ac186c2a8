/** Where engines are installed. Read inside the user's process too, so it needs nothing but Node. */
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A list of homes as in PATH, which takes the place of the usual ones. */
export const HOMES_VARIABLE = 'PERMAFROST_ENGINE_HOMES';

/** The home inside the project in `folder`. */
export function projectHome(folder: string): string {
  return join(folder, '.permafrost', 'engine');
}

/** The home that all projects of this user share, in the cache folder of the platform. */
export function userHome(env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheFolder(env), 'permafrost', 'engines');
}

/**
 * The homes that are looked through for an engine, in this order: the project's before the
 * user's, unless `PERMAFROST_ENGINE_HOMES` names others.
 * @param folder of the project
 */
export function engineHomes(
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
): readonly string[] {
  const given = (env[HOMES_VARIABLE] ?? '').split(delimiter).filter((home) => home !== '');
  return given.length > 0 ? given : [projectHome(folder), userHome(env)];
}

/**
 * Where an engine is installed: with `here` inside the project, else the user's home. Where
 * `PERMAFROST_ENGINE_HOMES` is set, these are its first and its last.
 */
export function installHome(
  folder: string,
  here: boolean,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const homes = engineHomes(folder, env);
  return (here ? homes[0] : homes.at(-1)) ?? userHome(env);
}

function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') {
    return env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  }
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  // An empty value counts as none: XDG Base Directory Specification.
  return env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
}
