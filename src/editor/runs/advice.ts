import * as vscode from 'vscode';
import { parseConfig } from '../../freeze/config';
import { addRules } from '../../freeze/edit';
import type { ConfigRule } from '../../runs/events';
import { COMMANDS } from '../contributions';
import type { FreezeActions } from '../freezeActions';
import type { Project } from '../project';

/** Follows the advice of runs: appends its rules to permafrost.json. */
export class Advice {
  constructor(
    private readonly project: Project,
    private readonly actions: FreezeActions,
  ) {}

  /** Appends the rules by one undoable edit and tells what was added. Never throws. */
  async apply(rules: readonly ConfigRule[]): Promise<void> {
    // The rules come from a file that anything may have written.
    const { problems } = parseConfig(JSON.stringify({ freeze: rules }));
    const problem = problems.find(({ severity }) => severity === 'error');
    if (problem !== undefined) {
      void vscode.window.showErrorMessage(`The advised rule cannot be used: ${problem.text}`);
      return;
    }
    const { config } = this.project;
    const before = config.state.text;
    if (!(await this.actions.apply((text) => addRules(text, rules)))) return;
    const written = rules.map((rule) => JSON.stringify(rule)).join(', ');
    const open = 'Open Config';
    const answer = await vscode.window.showInformationMessage(
      config.state.text === before
        ? `permafrost.json ends with the advised rules already: ${written}`
        : `Added to permafrost.json for the next run: ${written}`,
      open,
    );
    if (answer !== open) return;
    const all = config.state.parsed?.config?.rules ?? [];
    await vscode.commands.executeCommand(COMMANDS.openConfig, all.at(-rules.length)?.place);
  }
}
