import { join } from 'node:path';
import * as vscode from 'vscode';
import { configFile } from '../../runs/paths';
import { PROBLEM_MATCHER } from '../contributions';
import { onPath } from '../python/findPython';
import { readSetting } from '../settings';
import { HOST, nodeProgram } from './nodeProgram';

const BYTES_PER_MIB = 2 ** 20;

/** `permafrost` in tasks.json. */
export interface TrainingDefinition extends vscode.TaskDefinition {
  readonly type: 'permafrost';
  /** What to run; the config's own command when not given. */
  readonly command?: string;
  /**
   * Given to the tasks of "Run Training", from 1: VS Code runs equal tasks only once at a time.
   */
  readonly instance?: number;
}

/**
 * The task that runs the training command of `folder` in a terminal.
 *
 * It goes through the CLI, which makes the run's folder when it starts, waits for the command and
 * writes how it ended: so a task that is run again gets a run of its own, and the end is written
 * although the window was reloaded or closed meanwhile.
 * @param cli absolute path of dist/cli.js
 */
export async function trainingTask(
  definition: TrainingDefinition,
  folder: vscode.WorkspaceFolder,
  cli: string,
): Promise<vscode.Task> {
  const { command, instance = 1 } = definition;
  const args = [cli, 'run', '--config', configFile(folder.uri.fsPath)];
  if (command !== undefined) args.push('--', command);
  const node = nodeProgram(HOST, (await onPath('node')) !== undefined);
  const execution = new vscode.ShellExecution(
    { value: node.program, quoting: vscode.ShellQuoting.Strong },
    args.map((value) => ({ value, quoting: vscode.ShellQuoting.Strong })),
    { cwd: folder.uri.fsPath, env: { ...environment(), ...node.env } },
  );
  const name = `${command ?? 'train'}${instance === 1 ? '' : ` (${String(instance)})`}`;
  const task = new vscode.Task(definition, folder, name, 'permafrost', execution, PROBLEM_MATCHER);
  // Only a background task keeps its terminal over a reload.
  task.isBackground = true;
  task.detail = 'Train with the tensors frozen that permafrost.json names';
  task.presentationOptions = {
    echo: false,
    panel: vscode.TaskPanelKind.Dedicated,
    clear: true,
    showReuseMessage: false,
  };
  return task;
}

/** Absolute path of the CLI in the extension's folder. */
export function cliPath(extension: vscode.Uri): string {
  return join(extension.fsPath, 'dist', 'cli.js');
}

function environment(): Record<string, string> {
  return {
    PERMAFROST_LAUNCHER: 'editor',
    PERMAFROST_BUDGET: String(readSetting('referenceMemory') * BYTES_PER_MIB),
  };
}
