/** Where Permafrost keeps its files in a project folder. */
import { join } from 'node:path';

/** The user's config in `folder`. */
export function configFile(folder: string): string {
  return join(folder, 'permafrost.json');
}

/** Folder of everything that Permafrost writes beside the config; not meant to be committed. */
export function stateDirectory(folder: string): string {
  return join(folder, '.permafrost');
}

/** Folder that holds one folder a run. */
export function runsDirectory(folder: string): string {
  return join(stateDirectory(folder), 'runs');
}

/** Folder of the run `id`. */
export function runDirectory(folder: string, id: string): string {
  return join(runsDirectory(folder), id);
}

/** Folder that holds one folder an inspection, apart from the runs so that they are not listed. */
export function inspectionsDirectory(folder: string): string {
  return join(stateDirectory(folder), 'inspections');
}

/** The events of the run in `runDir`, but for those of further ranks: see `eventFiles.ts`. */
export function eventsFile(runDir: string): string {
  return join(runDir, 'events.jsonl');
}

/** Copy of the config as it was when the run in `runDir` started. */
export function configSnapshot(runDir: string): string {
  return join(runDir, 'permafrost.json');
}

/** What the last inspection of the user's command found. */
export function inspectionFile(folder: string): string {
  return join(stateDirectory(folder), 'model.json');
}
