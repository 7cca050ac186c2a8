import { engineHomes } from '../engines/homes';
import { chooseEngine } from '../engines/probe/chooseEngine';
import { workloadFor } from '../engines/probe/workload';
import type { ModelInfo } from '../model/inspection';
import type { LaunchEngines } from '../runs/launch/launch';
import { inspectionFile } from '../runs/paths';
import { readInspection } from '../runs/store';
import { note } from './output';
import type { Project } from './project';
import { distDirectory } from './version';

/**
 * What the hook is told of engines. For `"engine": "auto"` this measures what is the fastest, a few
 * seconds once for each machine and model.
 * @param command whose models count, when they were inspected
 * @param cwd folder in which it runs
 */
export async function enginesFor(
  { folder, config }: Project,
  command: string,
  cwd: string,
  quiet: boolean,
): Promise<LaunchEngines> {
  const homes = engineHomes(folder);
  if (config?.value.engine !== 'auto') return { homes, measured: null };
  const workload = workloadFor(await modelsOf(folder, command), config.value.rules);
  const request = { cwd, homes, env: process.env, dist: distDirectory(), workload };
  const measured = await chooseEngine(request, () => {
    if (!quiet) note('engine: measuring once which is the fastest for this model');
  });
  if (measured !== null && !quiet) note(`engine: ${measured.why}`);
  return { homes, measured };
}

/** Those of the last inspection; none when it was of another command or cannot be read. */
async function modelsOf(folder: string, command: string): Promise<readonly ModelInfo[]> {
  try {
    const inspection = await readInspection(inspectionFile(folder));
    return inspection?.source === command ? inspection.models : [];
  } catch {
    return [];
  }
}
