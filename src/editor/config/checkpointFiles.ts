import { basename, dirname, join } from 'node:path/posix';
import * as vscode from 'vscode';
import { CHECKPOINT_GLOB, checkpointNames } from '../../model/checkpoint/fileNames';
import { modelPath } from './modelPath';

const ELSEWHERE = '**/{node_modules,.git,.permafrost,.venv,venv,site-packages}/**';
const MOST_FILES = 200;

/** Checkpoints in a folder, as the config's `model` names them, in the order of their names. */
export async function checkpointFiles(
  folder: vscode.WorkspaceFolder,
  token?: vscode.CancellationToken,
): Promise<readonly string[]> {
  const pattern = new vscode.RelativePattern(folder, CHECKPOINT_GLOB);
  const files = await vscode.workspace.findFiles(pattern, ELSEWHERE, MOST_FILES, token);
  const paths = files.map(({ fsPath }) => modelPath(folder.uri.fsPath, fsPath));
  const folders = new Map<string, string[]>();
  for (const path of paths) {
    folders.set(dirname(path), [...(folders.get(dirname(path)) ?? []), basename(path)]);
  }
  return [...folders]
    .flatMap(([parent, names]) => checkpointNames(names).map((name) => join(parent, name)))
    .sort();
}
