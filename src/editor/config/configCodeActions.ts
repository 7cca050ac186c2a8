import * as vscode from 'vscode';
import type { Place } from '../../freeze/config';
import type { Project } from '../project';
import { checkpointFiles } from './checkpointFiles';
import { modelFixes } from './modelPath';
import type { ModelPathCheck } from './modelPathCheck';
import { ruleFixes, type Fix } from './ruleFixes';

/** Offers ways out for rules that match or change nothing, and for a checkpoint that is not there. */
export class ConfigCodeActions implements vscode.CodeActionProvider {
  constructor(
    private readonly project: Project,
    private readonly paths: ModelPathCheck,
  ) {}

  async provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    { diagnostics }: vscode.CodeActionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.CodeAction[]> {
    const { uri, parsed, text } = this.project.config.state;
    const config = parsed?.config;
    if (document.uri.toString() !== uri?.toString() || text !== document.getText()) return [];
    if (config === undefined || config === null) return [];
    const { models } = this.project.state;
    const here = (place: Place): boolean =>
      range.intersection(rangeOf(document, place)) !== undefined;
    const actions = config.rules.flatMap((rule, index) =>
      here(rule.place)
        ? toActions(document, rule.place, diagnostics, ruleFixes(text, config.rules, index, models))
        : [],
    );
    const { problem } = this.paths;
    const { current } = this.project.folder;
    if (config.model !== undefined && current !== undefined && problem !== null && here(problem)) {
      const files = await checkpointFiles(current, token);
      const fixes = modelFixes(text, config.model, files);
      actions.push(...toActions(document, problem, diagnostics, fixes));
    }
    return actions;
  }
}

function toActions(
  document: vscode.TextDocument,
  place: Place,
  diagnostics: readonly vscode.Diagnostic[],
  fixes: readonly Fix[],
): vscode.CodeAction[] {
  // A rule over several lines is marked in its first one.
  const { start } = rangeOf(document, place);
  const solved = diagnostics.filter((each) => each.range.start.isEqual(start));
  return fixes.map(({ title, edits }, order) => {
    const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
    action.diagnostics = solved;
    action.isPreferred = order === 0 && fixes.length > 1;
    action.edit = new vscode.WorkspaceEdit();
    for (const { offset, length, text } of edits) {
      action.edit.replace(document.uri, rangeOf(document, { offset, length }), text);
    }
    return action;
  });
}

function rangeOf(
  document: vscode.TextDocument,
  { offset, length }: Pick<Place, 'offset' | 'length'>,
): vscode.Range {
  return new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
}
