import { execute, fullDisk, tellsOfFullDisk } from './execute';
import { npmProgram } from './machine';
import { EngineError, type InstallRequest } from './report';

/**
 * Runs npm in `folder`.
 * @param args words that a shell need not have quoted
 * @returns null when it succeeded, else what it printed, or that there is no npm
 * @throws EngineError when it is cancelled or the disk is full
 */
export async function runNpm(
  folder: string,
  args: readonly string[],
  { env, signal, home }: InstallRequest,
): Promise<string | EngineError | null> {
  const npm = npmProgram(env);
  if (npm === null) {
    const advice = 'Install npm, which comes with Node.js.';
    return new EngineError('no-npm', 'There is no npm on PATH.', advice);
  }
  // Windows runs npm.cmd by a shell only.
  const shell = process.platform === 'win32';
  const { code, output } = await execute(npm, args, { cwd: folder, env, signal, shell });
  if (code === 0) return null;
  if (tellsOfFullDisk(output)) throw fullDisk(home, output);
  return output;
}
