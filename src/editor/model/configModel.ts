import { resolve } from 'node:path';
import * as vscode from 'vscode';
import { configFile } from '../../runs/paths';
import type { ConfigState } from '../config/configDocument';

/** The checkpoint that the config of a folder names; undefined when it names none, or is not read. */
export function configModel(
  { uri, parsed }: ConfigState,
  folder: vscode.WorkspaceFolder,
): vscode.Uri | undefined {
  if (uri?.fsPath !== configFile(folder.uri.fsPath)) return undefined;
  const model = parsed?.config?.model;
  return model === undefined ? undefined : vscode.Uri.file(resolve(folder.uri.fsPath, model));
}
