import * as vscode from 'vscode';
import { DisposableStore } from '../disposables';
import type { Project } from '../project';
import { ConfigCodeActions } from './configCodeActions';
import { ConfigCompletion } from './configCompletion';
import { ConfigDiagnostics } from './configDiagnostics';
import { ConfigHover } from './configHover';
import { ModelPathCheck } from './modelPathCheck';

const CONFIG: vscode.DocumentSelector = { pattern: '**/permafrost.json', scheme: 'file' };

/** What the editor knows of permafrost.json: problems, fixes, hovers and completion. */
export function configLanguage(project: Project): DisposableStore {
  const { languages } = vscode;
  const store = new DisposableStore();
  const paths = store.add(new ModelPathCheck(project));
  store.add(new ConfigDiagnostics(project, paths));
  const kinds = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };
  const actions = new ConfigCodeActions(project, paths);
  store.add(languages.registerCodeActionsProvider(CONFIG, actions, kinds));
  store.add(languages.registerHoverProvider(CONFIG, new ConfigHover(project)));
  const completion = new ConfigCompletion(project);
  const { triggers } = ConfigCompletion;
  store.add(languages.registerCompletionItemProvider(CONFIG, completion, ...triggers));
  return store;
}
