import * as vscode from 'vscode';
import type { Rule } from '../../freeze/config';
import type { Project } from '../project';
import { ruleReplacements } from './ruleReplacements';

/** Offers the nearest names for a rule that matches nothing. */
export class ConfigCodeActions implements vscode.CodeActionProvider {
  constructor(private readonly project: Project) {}

  provideCodeActions(document: vscode.TextDocument, range: vscode.Range): vscode.CodeAction[] {
    const { uri, parsed, text } = this.project.config.state;
    const { models } = this.project.state;
    if (document.uri.toString() !== uri?.toString() || text !== document.getText()) return [];
    if (models.length === 0) return [];
    return (parsed?.config?.rules ?? [])
      .filter((rule) => range.intersection(rangeOf(document, rule)) !== undefined)
      .flatMap((rule) =>
        ruleReplacements(rule, models).map((match) => replaceAction(document, rule, match)),
      );
  }
}

function replaceAction(
  document: vscode.TextDocument,
  rule: Rule,
  match: string,
): vscode.CodeAction {
  const action = new vscode.CodeAction(`Replace by "${match}"`, vscode.CodeActionKind.QuickFix);
  const range = rangeOf(document, rule);
  const before = document.getText(range);
  action.edit = new vscode.WorkspaceEdit();
  action.edit.replace(
    document.uri,
    range,
    before.replace(rule.match, () => match),
  );
  return action;
}

function rangeOf(document: vscode.TextDocument, { place }: Rule): vscode.Range {
  return new vscode.Range(
    document.positionAt(place.offset),
    document.positionAt(place.offset + place.length),
  );
}
