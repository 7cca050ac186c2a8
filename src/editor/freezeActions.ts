import * as vscode from 'vscode';
import type { ConfigProblem } from '../freeze/config';
import { applyConfigEdits, newConfigText, type ConfigEdit } from '../freeze/edit';
import type { NamedModel } from '../freeze/tensor';
import { guessCommands } from './config/guessCommand';
import { COMMANDS } from './contributions';
import type { Log } from './log';
import type { Project } from './project';
import { projectPython } from './python/projectPython';

/** The models that train, for edits that must leave their other tensors as they are. */
export type MakeEdits = (text: string, models: readonly NamedModel[]) => readonly ConfigEdit[];

/** Changes the config on behalf of tree and palette; refuses while it is broken. */
export class FreezeActions {
  constructor(
    private readonly project: Project,
    private readonly log: Log,
  ) {}

  /**
   * Makes the edits in permafrost.json, which is written first when there is none. Tells the user
   * what stands against it; never throws.
   * @returns whether the config holds them now
   */
  async apply(make: MakeEdits): Promise<boolean> {
    const { config } = this.project;
    try {
      await this.ensureConfig();
      const problem = config.state.parsed?.problems.find(({ severity }) => severity === 'error');
      if (problem !== undefined) {
        void refuse(problem);
        return false;
      }
      await config.edit((text) => applyConfigEdits(text, make(text, this.project.trained)));
      return true;
    } catch (error) {
      this.log.error(error, 'permafrost.json was not changed');
      return false;
    }
  }

  /**
   * Writes a config that freezes nothing unless there is one. It holds the training command where
   * only one can be meant.
   * @throws Error when no folder is open or it cannot be written
   */
  async ensureConfig(): Promise<void> {
    const { config, folder } = this.project;
    if (config.state.text !== null || folder.current === undefined) return;
    const { current } = folder;
    const commands = await guessCommands(current.uri.fsPath, () => projectPython(current));
    await config.create(newConfigText(commands.length === 1 ? commands[0] : undefined));
  }
}

async function refuse(problem: ConfigProblem): Promise<void> {
  const open = 'Open Config';
  const answer = await vscode.window.showWarningMessage(
    `Not changed: permafrost.json has an error in line ${String(problem.line)}. ${problem.text}`,
    open,
  );
  if (answer === open) await vscode.commands.executeCommand(COMMANDS.openConfig, problem);
}
