import * as vscode from 'vscode';

/** Whether something may be run in `folder`; tells the user why not and the way out. */
export async function mayRun(folder: vscode.WorkspaceFolder | undefined): Promise<boolean> {
  if (folder === undefined) {
    const open = 'Open Folder';
    const answer = await vscode.window.showInformationMessage(
      'No folder is open. Open the folder that holds your training script.',
      open,
    );
    if (answer === open) await vscode.commands.executeCommand('vscode.openFolder');
    return false;
  }
  if (vscode.workspace.isTrusted) return true;
  const manage = 'Manage Workspace Trust';
  const answer = await vscode.window.showWarningMessage(
    'Nothing is run in Restricted Mode: the training command comes from the folder itself.',
    manage,
  );
  if (answer === manage) await vscode.commands.executeCommand('workbench.trust.manage');
  return false;
}
