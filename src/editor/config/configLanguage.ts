import * as vscode from 'vscode';
import { DisposableStore } from '../disposables';
import type { Project } from '../project';
import { ConfigDiagnostics } from './configDiagnostics';
import type { ConfigHelp } from './configHelp';
import { ModelPathCheck } from './modelPathCheck';

const CONFIG: vscode.DocumentSelector = { pattern: '**/permafrost.json', scheme: 'file' };
/** What begins a string or a part of a name. */
const TRIGGERS = ['"', '.', '/', '!'];

/** What the editor knows of permafrost.json: problems, fixes, hovers and completion. */
export function configLanguage(project: Project): DisposableStore {
  const { languages } = vscode;
  const store = new DisposableStore();
  const paths = store.add(new ModelPathCheck(project));
  store.add(new ConfigDiagnostics(project, paths));
  let loaded: Promise<ConfigHelp> | undefined;
  const help = (): Promise<ConfigHelp> =>
    (loaded ??= import('./configHelp').then(({ configHelp }) => configHelp(project, paths)));
  const actions: vscode.CodeActionProvider = {
    provideCodeActions: async (...asked) => (await help()).actions.provideCodeActions(...asked),
  };
  const kinds = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };
  store.add(languages.registerCodeActionsProvider(CONFIG, actions, kinds));
  const hover: vscode.HoverProvider = {
    provideHover: async (document, position) =>
      (await help()).hover.provideHover(document, position),
  };
  store.add(languages.registerHoverProvider(CONFIG, hover));
  const completion: vscode.CompletionItemProvider = {
    provideCompletionItems: async (document, position, token) =>
      (await help()).completion.provideCompletionItems(document, position, token),
  };
  store.add(languages.registerCompletionItemProvider(CONFIG, completion, ...TRIGGERS));
  return store;
}
