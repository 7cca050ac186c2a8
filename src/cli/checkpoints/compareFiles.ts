import type { Comparison } from '../../model/compare/comparison';
import { shown, type Project } from '../project';
import { comparedFiles } from './files';
import { lastInspection } from '../lastInspection';
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
  const inspection = project === null ? null : await lastInspection(project.folder);
  return work({ kind: 'compare', files, config, inspection, exact });
}
