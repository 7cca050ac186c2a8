import * as vscode from 'vscode';
import { setModel } from '../../freeze/edit';
import { modelPath } from '../config/modelPath';
import { VIEWS } from '../contributions';
import type { FreezeActions } from '../freezeActions';
import type { Log } from '../log';
import type { Project } from '../project';

/** Shows the tensors of a checkpoint in the tree; false when it cannot be read. Never throws. */
export type OpenCheckpoint = (file: vscode.Uri) => Promise<boolean>;

/** "Open in Permafrost": the config remembers the file by an edit that can be undone. */
export function checkpointOpener(
  project: Project,
  actions: FreezeActions,
  log: Log,
): OpenCheckpoint {
  return async (file) => {
    const { folder, source } = project;
    try {
      const owner = vscode.workspace.getWorkspaceFolder(file);
      if (owner?.uri.scheme === 'file') await folder.select(owner);
      await source.open(file);
    } catch (error) {
      if (!(error instanceof vscode.CancellationError)) {
        log.error(error, 'The checkpoint cannot be opened');
      }
      return false;
    }
    const { current } = folder;
    // A config can name only what is on a disk.
    if (current !== undefined && file.scheme === 'file') {
      const path = modelPath(current.uri.fsPath, file.fsPath);
      await actions.apply((text) => setModel(text, path));
    }
    await vscode.commands.executeCommand(`${VIEWS.parameters}.focus`);
    return true;
  };
}
