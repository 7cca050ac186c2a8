import * as vscode from 'vscode';
import { rawString } from '../../freeze/jsonString';
import { visibleText } from '../../runs/words/visibleText';
import type { Project } from '../project';
import { checkpointFiles } from './checkpointFiles';
import { proposals, words, type Proposal, type Proposals } from './patternProposals';
import { stringAt } from './stringAt';

const KINDS: Readonly<Record<Proposal['kind'], vscode.CompletionItemKind>> = {
  all: vscode.CompletionItemKind.Operator,
  module: vscode.CompletionItemKind.Module,
  inside: vscode.CompletionItemKind.Folder,
  tensor: vscode.CompletionItemKind.Field,
  class: vscode.CompletionItemKind.Class,
  model: vscode.CompletionItemKind.Struct,
  file: vscode.CompletionItemKind.File,
};

/** Offers the names that are known while one types patterns, types, models and the checkpoint. */
export class ConfigCompletion implements vscode.CompletionItemProvider {
  constructor(private readonly project: Project) {}

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.CompletionList | undefined> {
    const { current } = this.project.folder;
    if (document.uri.toString() !== this.project.config.state.uri?.toString()) return undefined;
    const at = stringAt(document.getText(), document.offsetAt(position));
    if (at === undefined || current === undefined) return undefined;
    const found =
      at.role === 'model'
        ? words(at, (await checkpointFiles(current, token)).map(fileProposal))
        : proposals(at, this.project.state.models);
    return found && listOf(document, found);
  }
}

const fileProposal = (path: string): Proposal => ({
  text: rawString(path),
  detail: 'checkpoint',
  kind: 'file',
});

function listOf(document: vscode.TextDocument, found: Proposals): vscode.CompletionList {
  const range = new vscode.Range(
    document.positionAt(found.offset),
    document.positionAt(found.offset + found.length),
  );
  const items = found.items.map(({ text, detail, kind }, order) => {
    const label = { label: visibleText(text), description: visibleText(detail) };
    const item = new vscode.CompletionItem(label, KINDS[kind]);
    item.insertText = text;
    item.filterText = text;
    item.sortText = String(order).padStart(6, '0');
    item.range = range;
    if (kind === 'inside') {
      item.command = { command: 'editor.action.triggerSuggest', title: 'Go on inside' };
    }
    return item;
  });
  return new vscode.CompletionList(items, found.partial);
}
