import type { Inspection } from '../../model/inspection';
import { inspectionFile } from '../../runs/paths';
import { readInspection } from '../../runs/store';
import { note } from '../output';
import type { Project } from '../project';

/**
 * The last inspection of the project, which lends classes and kinds that files do not hold. One
 * that cannot be read is told and passed over.
 */
export async function lastInspection({ folder }: Project): Promise<Inspection | null> {
  try {
    return await readInspection(inspectionFile(folder));
  } catch (error) {
    note(`warning: ${(error as Error).message} Run permafrost inspect to write it anew.`);
    return null;
  }
}
