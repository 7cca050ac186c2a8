import type { PermafrostApi, PermafrostState } from '../../../src/editor/api';
import { EXTENSION, type Workbench } from './workbench';

/** What the extension in a window knows now, by the API that it exports. */
export async function extensionState(workbench: Workbench): Promise<PermafrostState> {
  const code = 'return (await vscode.extensions.getExtension(args).activate()).state()';
  return (await workbench.host(code, EXTENSION)) as PermafrostState;
}

/** How long the extension's `activate` took, in milliseconds. */
export async function activationTime(workbench: Workbench): Promise<number> {
  const code = 'return (await vscode.extensions.getExtension(args).activate())';
  const api = (await workbench.host(code, EXTENSION)) as PermafrostApi;
  return api.activationMilliseconds;
}
