import { resolve } from 'node:path';
import { installHome } from '../engines/homes';
import { LockedError } from '../engines/lock';
import type { EngineKind } from '../engines/manifest';
import { remove } from '../engines/store';
import { note } from './output';

/** `permafrost engine remove`. @returns the exit code */
export async function removeCommand(
  kind: EngineKind,
  { folder, here }: { readonly folder: string; readonly here: boolean },
): Promise<number> {
  const home = resolve(installHome(folder, here));
  try {
    await remove(home, kind);
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    note(`error: ${error.message}.`);
    return 1;
  }
  note(`the engine ${kind} is not in ${home} any more`);
  return 0;
}
