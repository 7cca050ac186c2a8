import * as vscode from 'vscode';
import { setWord as editWord } from '../../freeze/edit';
import { COMMANDS } from '../contributions';
import type { FreezeActions } from '../freezeActions';
import type { Project } from '../project';

/** Sets a word of the config by one undoable edit and tells what it says now. Never throws. */
export type SetWord = (key: 'engine' | 'cache', word: string) => Promise<void>;

export function wordSetter(project: Project, actions: FreezeActions): SetWord {
  return async (key, word) => {
    const before = project.config.state.text;
    if (!(await actions.apply((text) => editWord(text, key, word)))) return;
    const setting = `${JSON.stringify(key)}: ${JSON.stringify(word)}`;
    const open = 'Open Config';
    const answer = await vscode.window.showInformationMessage(
      project.config.state.text === before
        ? `permafrost.json says so already: ${setting}`
        : `Set in permafrost.json for the next run: ${setting}`,
      open,
    );
    if (answer === open) await vscode.commands.executeCommand(COMMANDS.openConfig);
  };
}
