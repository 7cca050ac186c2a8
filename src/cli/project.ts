import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { formatProblem, parseConfig, type FreezeConfig } from '../freeze/config';
import { checkRules, everythingFrozen, planModel } from '../freeze/plan';
import { configFile } from '../runs/paths';
import { lastInspection } from './lastInspection';
import { note } from './output';
import { UsageError } from './usageError';

/** What the CLI works on. */
export interface Project {
  /** Folder of the config; `.permafrost` lies in it too. */
  readonly folder: string;
  readonly configFile: string;
  /** Null when there is no config. */
  readonly config: { readonly text: string; readonly value: FreezeConfig } | null;
}

/** The config has errors, which have been told; ends the CLI with exit code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Folder and config file that `--config` names; `permafrost.json` in the working directory when it
 * is not given.
 */
export function locate(option: string | undefined): {
  readonly folder: string;
  readonly file: string;
} {
  const file = resolve(option ?? configFile(process.cwd()));
  return { folder: dirname(file), file };
}

/**
 * Reads the config and tells its problems on stderr.
 * @throws ConfigError when it is not valid; UsageError when `--config` names a missing file
 */
export async function openProject(option: string | undefined): Promise<Project> {
  const { folder, file } = locate(option);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && option === undefined)
      return { folder, configFile: file, config: null };
    throw new UsageError(
      code === 'ENOENT' ? `There is no ${file}.` : `Cannot read ${file} (${String(code)}).`,
      'Check the path after --config.',
    );
  }
  const { config, problems } = parseConfig(text);
  for (const problem of problems) note(formatProblem(shown(file), problem));
  if (config === null) throw new ConfigError(`${file} is not valid`);
  return { folder, configFile: file, config: { text, value: config } };
}

/**
 * Tells of rules that match nothing in the models that `command` had last, and of models that could
 * not train. Only warns: the models may have changed since, and the hook refuses before the first
 * step.
 */
export async function warnByInspection(project: Project, command: string): Promise<void> {
  if (project.config === null) return;
  const inspection = await lastInspection(project.folder);
  if (inspection?.source !== command) return;
  const { rules } = project.config.value;
  const frozen = inspection.models.flatMap(
    (model) => everythingFrozen(rules, planModel(rules, model), model) ?? [],
  );
  for (const problem of [...checkRules(rules, inspection.models), ...frozen]) {
    note(formatProblem(shown(project.configFile), { ...problem, severity: 'warning' }));
  }
}

/** A path as the user would write it. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short;
}
