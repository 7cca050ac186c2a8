import { relative, sep } from 'node:path';
import * as vscode from 'vscode';
import type { ConfigProblem } from '../../freeze/config';
import { newConfigText } from '../../freeze/edit';
import { askCommand } from '../config/askCommand';
import { commandForScript, guessCommands } from '../config/guessCommand';
import { setCommand } from '../config/setCommand';
import { COMMANDS } from '../contributions';
import type { Project } from '../project';
import { projectPython } from '../python/projectPython';

/** What must hold before the config's command is started; each check tells what it misses. */
export class ConfigReadiness {
  constructor(private readonly project: Project) {}

  /**
   * The config's command, asked for and written when it has none; undefined to give up.
   * @param script the file that the user wants to run, in the active folder: proposed when the
   * config has no command, and offered in place of a command that runs another one
   */
  async command(script?: vscode.Uri): Promise<string | undefined> {
    const { config } = this.project;
    const broken = config.state.parsed?.problems.find(({ severity }) => severity === 'error');
    if (broken !== undefined) {
      await openAt(broken);
      void vscode.window.showErrorMessage(
        `Not started: permafrost.json:${String(broken.line)}: ${broken.text} ${broken.advice}`,
      );
      return undefined;
    }
    const { command } = config.state.parsed?.config ?? {};
    if (command === undefined) return this.#askCommand(script);
    if (script === undefined || command.includes(nameOf(script))) return command;
    return this.#chooseCommand(command, script);
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

  async #chooseCommand(command: string, script: vscode.Uri): Promise<string | undefined> {
    const other = `Run ${nameOf(script)}…`;
    const picked = await vscode.window.showQuickPick(
      [
        { label: command, description: 'the command of permafrost.json' },
        { label: other, description: 'permafrost.json then keeps the new command' },
      ],
      {
        title: 'Run Training',
        placeHolder: `The command of permafrost.json does not run ${nameOf(script)}`,
      },
    );
    return picked?.label === other ? this.#askCommand(script) : picked?.label;
  }

  async #askCommand(script: vscode.Uri | undefined): Promise<string | undefined> {
    const { config, folder } = this.project;
    const { current } = folder;
    if (current === undefined) return undefined;
    const path = current.uri.fsPath;
    const python = (): Promise<string | undefined> => projectPython(current);
    const proposals =
      script === undefined
        ? await guessCommands(path, python)
        : [await commandForScript(relative(path, script.fsPath).replaceAll(sep, '/'), python)];
    const command = await askCommand(proposals);
    if (command === undefined) return undefined;
    if (config.state.text === null) await config.create(newConfigText(command));
    else await config.edit((text) => setCommand(text, command));
    return command;
  }
}

function nameOf({ path }: vscode.Uri): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

async function openAt(problem: ConfigProblem): Promise<void> {
  await vscode.commands.executeCommand(COMMANDS.openConfig, problem);
}
