import type { Inspection } from '../model/inspection';
import { inspectionFile } from '../runs/paths';
import { readInspection } from '../runs/store';
import { note } from './output';

/**
 * The last inspection of a project, which knows what its models are called. One that cannot be read
 * is told and passed over.
 */
export async function lastInspection(folder: string): Promise<Inspection | null> {
  try {
    return await readInspection(inspectionFile(folder));
  } catch (error) {
    note(`warning: ${(error as Error).message} Run permafrost inspect to write it anew.`);
    return null;
  }
}
