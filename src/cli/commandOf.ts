import { shellCommand, wordsCommand, type CommandLine } from './commandLine';
import { shown, type Project } from './project';
import { UsageError } from './usageError';

/**
 * What to run and where: the given words here, or the config's command in the config's folder, as
 * the editor runs it.
 * @throws UsageError when there is neither
 */
export function commandOf(
  project: Project,
  words: readonly string[],
  subcommand: string,
): { readonly command: CommandLine; readonly cwd: string } {
  const [file, ...args] = words;
  if (file !== undefined && file.trim() !== '') {
    return { command: wordsCommand([file, ...args]), cwd: process.cwd() };
  }
  const configured = project.config?.value.command;
  if (configured !== undefined) return { command: shellCommand(configured), cwd: project.folder };
  const lacking =
    project.config === null
      ? `there is no ${shown(project.configFile)}`
      : `${shown(project.configFile)} has no "command"`;
  throw new UsageError(
    `No command: none was given, and ${lacking}.`,
    `Write permafrost ${subcommand} -- python train.py, or add "command" to the config.`,
  );
}
