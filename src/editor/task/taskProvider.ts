import * as vscode from 'vscode';
import { configFile } from '../../runs/paths';
import { TASK_TYPE } from '../contributions';
import { trainingTask, type TrainingDefinition } from './trainingTask';

/** How long after its start a window may still take up the tasks of the one before. */
const RECONNECTION_SECONDS = 20;
const TERMINAL_MILLISECONDS = 5000;

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

  async resolveTask(task: vscode.Task): Promise<vscode.Task | undefined> {
    const folder = folderOf(task);
    if (folder === undefined || task.definition.type !== TASK_TYPE) return undefined;
    // VS Code knows the task again by its definition, which must be the same object.
    const definition = task.definition as TrainingDefinition;
    const resolved = trainingTask(definition, folder, this.cli);
    return mayRestart(definition) || (await hasTerminal(resolved.name)) ? resolved : undefined;
  }
}

/**
 * After a reload VS Code takes up every background task that it remembers, also those that have
 * ended, and starts again the ones whose terminal is gone (seen in 1.139.1: it forgets a task only
 * when its terminal is closed by hand). A training must not start by itself.
 */
function mayRestart({ instance }: TrainingDefinition): boolean {
  if (instance !== undefined) return false;
  return process.uptime() > RECONNECTION_SECONDS || vscode.window.terminals.length === 0;
}

/** Whether a terminal of the window before lives on; they come a little later than the tasks. */
async function hasTerminal(name: string): Promise<boolean> {
  const deadline = Date.now() + TERMINAL_MILLISECONDS;
  while (!vscode.window.terminals.some((terminal) => terminal.name === name)) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return true;
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
