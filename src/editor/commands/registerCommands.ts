import * as vscode from 'vscode';
import { COMMANDS, type CommandHandlers, type CommandName } from '../contributions';

/** Registers every command of the extension. */
export function registerCommands(handlers: CommandHandlers): vscode.Disposable {
  const names = Object.keys(COMMANDS) as CommandName[];
  return vscode.Disposable.from(
    ...names.map((name) => vscode.commands.registerCommand(COMMANDS[name], handlers[name])),
  );
}
