import * as vscode from 'vscode';
import { modelPath } from './modelPath';

const FILES =
  '**/{model.json,*.safetensors,*.safetensors.index.json,*.bin.index.json,*.pt,*.pth,*.ckpt,*.bin,*.keras,*.weights.h5,*.npz}';
const ELSEWHERE = '**/{node_modules,.git,.permafrost,.venv,venv,site-packages}/**';
/** Shards are named by the file beside them. */
const SHARD = /(?:-\d+-of-\d+\.\w+|shard\d+of\d+\.bin)$/;
const MOST_FILES = 200;

/** Checkpoints in a folder, as the config's `model` names them, in the order of their names. */
export async function checkpointFiles(
  folder: vscode.WorkspaceFolder,
  token?: vscode.CancellationToken,
): Promise<readonly string[]> {
  const pattern = new vscode.RelativePattern(folder, FILES);
  const files = await vscode.workspace.findFiles(pattern, ELSEWHERE, MOST_FILES, token);
  return files
    .map(({ fsPath }) => modelPath(folder.uri.fsPath, fsPath))
    .filter((path) => !SHARD.test(path))
    .sort();
}
