import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { Inspection } from '../../model/inspection';
import type { CompareJob } from '../../model/jobs/jobs';
import { configFile, inspectionFile } from '../../runs/paths';
import { readInspection } from '../../runs/store';
import type { CheckpointDeps } from './checkpointDeps';
import type { ComparisonSubject } from './comparisonSubject';

/** What says which tensors must be equal, and of which classes they are. */
export type ComparisonRules = Pick<CompareJob, 'config' | 'inspection'>;

/**
 * The config and the last inspection of the folder that holds the files: of the active folder when
 * they lie in none. A run is held against the config that it began with.
 */
export async function comparisonRules(
  { files, run }: ComparisonSubject,
  { project, configOfRun }: CheckpointDeps,
): Promise<ComparisonRules> {
  const last = files.at(-1);
  const active = project.folder.current;
  const owner = (last && vscode.workspace.getWorkspaceFolder(last)) ?? active;
  const snapshot = run === null ? undefined : configOfRun(run);
  const folder = owner?.uri.scheme === 'file' ? owner.uri.fsPath : undefined;
  const inspection = folder === undefined ? null : await lastInspection(folder);
  if (snapshot !== undefined) {
    const text = await textOf(snapshot);
    if (text !== null) return { config: { file: 'permafrost.json of the run', text }, inspection };
  }
  const isActive = owner?.uri.toString() === active?.uri.toString();
  const text = isActive
    ? project.config.state.text
    : folder === undefined
      ? null
      : await textOf(configFile(folder));
  return { config: text === null ? null : { file: 'permafrost.json', text }, inspection };
}

/** It only lends classes that files do not hold. */
async function lastInspection(folder: string): Promise<Inspection | null> {
  try {
    return await readInspection(inspectionFile(folder));
  } catch {
    return null;
  }
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return null;
  }
}
