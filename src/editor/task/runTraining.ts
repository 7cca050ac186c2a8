import * as vscode from 'vscode';
import { TASK_TYPE } from '../contributions';
import type { Log } from '../log';
import type { Project } from '../project';
import type { RunMonitor } from '../runs/runMonitor';
import { mayRun } from '../trust';
import type { ConfigReadiness } from './configReadiness';
import { trainingTask, type TrainingDefinition } from './trainingTask';

/** "Run Training": checks what can be checked before anything starts, then starts the task. */
export class RunTraining {
  constructor(
    private readonly project: Project,
    private readonly readiness: ConfigReadiness,
    private readonly monitor: RunMonitor,
    private readonly log: Log,
    private readonly cli: string,
  ) {}

  /**
   * Runs the config's command; tells the user what stands against it. Never throws.
   * @param script the file on which the user pressed the play button
   */
  async run(script?: vscode.Uri): Promise<void> {
    const { folder, config } = this.project;
    try {
      const owner = script === undefined ? undefined : vscode.workspace.getWorkspaceFolder(script);
      if (owner !== undefined) await folder.select(owner);
      // executeTask would resolve although the trust dialog refuses the task.
      if (!(await mayRun(folder.current))) return;
      await config.refresh();
      const command = await this.readiness.command(owner === undefined ? undefined : script);
      if (command === undefined || !(await this.readiness.rules())) return;
      if (!(await config.save())) throw new Error('permafrost.json could not be saved.');
      const { current } = folder;
      if (current === undefined) return;
      void this.#tellUnlessStarted(this.monitor.expect());
      await vscode.tasks.executeTask(await trainingTask(freeDefinition(), current, this.cli));
    } catch (error) {
      this.log.error(error, 'The training was not started');
    }
  }

  async #tellUnlessStarted(run: Promise<string | undefined>): Promise<void> {
    if ((await run) !== undefined) return;
    void vscode.window.showWarningMessage('No run has begun yet. The terminal says what is wrong.');
  }
}

/** A definition that no running task has: VS Code would ask to end the one that has it. */
function freeDefinition(): TrainingDefinition {
  const taken = new Set(
    vscode.tasks.taskExecutions
      .filter(({ task }) => task.definition.type === TASK_TYPE)
      .map(({ task }) => task.definition as TrainingDefinition)
      .map(({ instance = 1 }) => instance),
  );
  let instance = 1;
  while (taken.has(instance)) instance++;
  return { type: TASK_TYPE, instance };
}
