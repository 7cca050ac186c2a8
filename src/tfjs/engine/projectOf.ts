import { dirname } from 'node:path';

/** The project that a run belongs to: its folder is `<project>/.permafrost/runs/<id>`. */
export function projectOf(runDir: string): string {
  return dirname(dirname(dirname(runDir)));
}
