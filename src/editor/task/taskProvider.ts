import * as vscode from 'vscode';
import { configFile } from '../../runs/paths';
import { TASK_TYPE } from '../contributions';
import { trainingTask, type TrainingDefinition } from './trainingTask';

/** Offers the training of each folder with a config in "Run Task", and resolves tasks.json. */
export class TrainingTaskProvider implements vscode.TaskProvider {
  constructor(private readonly cli: string) {}

  async provideTasks(): Promise<vscode.Task[]> {
    const tasks: vscode.Task[] = [];
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      if (await hasConfig(folder)) tasks.push(trainingTask({ type: TASK_TYPE }, folder, this.cli));
    }
    return tasks;
  }

  resolveTask(task: vscode.Task): vscode.Task | undefined {
    const folder = folderOf(task);
    if (folder === undefined || task.definition.type !== TASK_TYPE) return undefined;
    // VS Code knows the task again by its definition, which must be the same object.
    return trainingTask(task.definition as TrainingDefinition, folder, this.cli);
  }
}

function folderOf({ scope }: vscode.Task): vscode.WorkspaceFolder | undefined {
  if (typeof scope === 'object') return scope;
  return vscode.workspace.workspaceFolders?.[0];
}

async function hasConfig({ uri }: vscode.WorkspaceFolder): Promise<boolean> {
  if (uri.scheme !== 'file') return false;
  try {
    await vscode.workspace.fs.stat(vscode.Uri.file(configFile(uri.fsPath)));
    return true;
  } catch {
    return false;
  }
}
