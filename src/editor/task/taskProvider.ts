import * as vscode from 'vscode';
import { configFile } from '../../runs/paths';
import { TASK_TYPE } from '../contributions';
import { trainingTask, type TrainingDefinition } from './trainingTask';

/** How long after its start a window may still take up the tasks of the one before. */
const RECONNECTION_SECONDS = 60;

/** Offers the training of each folder with a config in "Run Task", and resolves tasks.json. */
export class TrainingTaskProvider implements vscode.TaskProvider {
  constructor(private readonly cli: string) {}

  async provideTasks(): Promise<vscode.Task[]> {
    const tasks: vscode.Task[] = [];
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      if (!(await hasConfig(folder))) continue;
      tasks.push(await trainingTask({ type: TASK_TYPE }, folder, this.cli));
    }
    return tasks;
  }

  async resolveTask(task: vscode.Task): Promise<vscode.Task | undefined> {
    const folder = folderOf(task);
    if (folder === undefined || task.definition.type !== TASK_TYPE) return undefined;
    // VS Code knows the task again by its definition, which must be the same object.
    const definition = task.definition as TrainingDefinition;
    return isReconnection(definition) ? undefined : trainingTask(definition, folder, this.cli);
  }
}

/**
 * Whether it is VS Code that asks after a reload. It takes up every background task that it
 * remembers, and starts those again that have ended before or meanwhile (seen in 1.139.1). A
 * training must not start by itself: the terminal comes back without this, and the run is adopted
 * from its events.
 */
function isReconnection({ instance }: TrainingDefinition): boolean {
  if (instance !== undefined) return true;
  return process.uptime() < RECONNECTION_SECONDS && vscode.window.terminals.length > 0;
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
