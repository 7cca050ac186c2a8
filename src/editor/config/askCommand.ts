import * as vscode from 'vscode';

interface CommandItem extends vscode.QuickPickItem {
  readonly command: string;
}

/**
 * Asks for the training command: among several proposals by a list, then by an input box that holds
 * the proposal. Undefined to give up.
 */
export async function askCommand(proposals: readonly string[]): Promise<string | undefined> {
  const proposal = proposals.length > 1 ? await pick(proposals) : (proposals[0] ?? '');
  if (proposal === undefined) return undefined;
  const answer = await vscode.window.showInputBox({
    title: 'Training Command',
    prompt: 'The command that trains, as you type it in the terminal. permafrost.json keeps it.',
    placeHolder: 'python train.py',
    value: proposal,
    valueSelection: [proposal.length, proposal.length],
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === '' ? 'Type a command.' : undefined),
  });
  return answer?.trim();
}

/** The proposal picked; empty to type one. */
async function pick(proposals: readonly string[]): Promise<string | undefined> {
  const items: CommandItem[] = [
    ...proposals.map((command) => ({ label: `$(play) ${command}`, command })),
    { label: '$(edit) Another Command…', command: '', alwaysShow: true },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Training Command',
    placeHolder: 'Which one trains the model?',
    ignoreFocusOut: true,
  });
  return picked?.command;
}
