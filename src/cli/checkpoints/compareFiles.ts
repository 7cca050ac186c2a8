import type { Comparison } from '../../model/compare/comparison';
import { inspectionFile } from '../../runs/paths';
import { readInspection } from '../../runs/store';
import { note } from '../output';
import { shown, type Project } from '../project';
import { comparedFiles } from './files';
import { work } from './work';

/**
 * Compares the checkpoints that the words name.
 * @param project null for a comparison without rules
 * @throws UsageError; CheckpointError; ConfigProblems
 */
export async function compareFiles(
  command: string,
  words: readonly string[],
  project: Project | null,
  exact: boolean,
): Promise<Comparison> {
  const files = comparedFiles(command, words);
  const config =
    project?.config == null ? null : { file: shown(project.configFile), text: project.config.text };
  const inspection = project === null ? null : await lastInspection(project);
  return work({ kind: 'compare', files, config, inspection, exact });
}

/** It only lends classes that files do not hold: one that cannot be read is told and passed over. */
async function lastInspection({ folder }: Project): ReturnType<typeof readInspection> {
  try {
    return await readInspection(inspectionFile(folder));
  } catch (error) {
    note(`warning: ${(error as Error).message} Run permafrost inspect to write it anew.`);
    return null;
  }
}
