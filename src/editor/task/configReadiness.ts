import * as vscode from 'vscode';
import type { ConfigProblem } from '../../freeze/config';
import { setCommand } from '../config/setCommand';
import { COMMANDS } from '../contributions';
import type { Project } from '../project';

/** What must hold before the config's command is started; each check tells what it misses. */
export class ConfigReadiness {
  constructor(private readonly project: Project) {}

  /** The config's command, asked for and written when it has none; undefined to give up. */
  async command(): Promise<string | undefined> {
    const { config } = this.project;
    const broken = config.state.parsed?.problems.find(({ severity }) => severity === 'error');
    if (broken !== undefined) {
      await openAt(broken);
      void vscode.window.showErrorMessage(
        `Not started: permafrost.json:${String(broken.line)}: ${broken.text} ${broken.advice}`,
      );
      return undefined;
    }
    return config.state.parsed?.config?.command ?? (await this.#askCommand());
  }

  /**
   * Whether no rule is known to match nothing. The inspection may be older than the script, so the
   * user may go on all the same.
   */
  async rules(): Promise<boolean> {
    const problem = this.project.state.ruleProblems.find(({ severity }) => severity === 'error');
    if (problem === undefined) return true;
    const answer = await vscode.window.showWarningMessage(
      `permafrost.json:${String(problem.line)}: ${problem.text} ${problem.advice}`,
      'Run Anyway',
      'Open Config',
    );
    if (answer === 'Open Config') await openAt(problem);
    return answer === 'Run Anyway';
  }

  async #askCommand(): Promise<string | undefined> {
    const answer = await vscode.window.showInputBox({
      title: 'Training Command',
      prompt: 'The command that trains, as you type it in the terminal. permafrost.json keeps it.',
      placeHolder: 'node train.js',
      ignoreFocusOut: true,
      validateInput: (value) => (value.trim() === '' ? 'Type a command.' : undefined),
    });
    const command = answer?.trim();
    if (command !== undefined) {
      await this.project.config.edit((text) => setCommand(text, command));
    }
    return command;
  }
}

async function openAt(problem: ConfigProblem): Promise<void> {
  await vscode.commands.executeCommand(COMMANDS.openConfig, problem);
}
