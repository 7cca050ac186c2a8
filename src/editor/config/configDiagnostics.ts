import * as vscode from 'vscode';
import type { ConfigProblem } from '../../freeze/config';
import { DisposableStore } from '../disposables';
import type { Project } from '../project';

/** Shows what is wrong with permafrost.json in the Problems panel. */
export class ConfigDiagnostics implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #collection = this.#store.add(vscode.languages.createDiagnosticCollection('permafrost'));

  constructor(private readonly project: Project) {
    this.#store.add(
      project.onDidChange(() => {
        this.#update();
      }),
    );
  }

  dispose(): void {
    this.#store.dispose();
  }

  #update(): void {
    const { uri, parsed } = this.project.config.state;
    this.#collection.clear();
    if (uri === undefined || parsed === null) return;
    const problems = [...parsed.problems, ...this.project.state.ruleProblems];
    this.#collection.set(uri, problems.map(toDiagnostic));
  }
}

function toDiagnostic({
  line,
  column,
  length,
  severity,
  text,
  advice,
}: ConfigProblem): vscode.Diagnostic {
  const start = new vscode.Position(line - 1, column - 1);
  const diagnostic = new vscode.Diagnostic(
    new vscode.Range(start, start.translate(0, length)),
    `${text} ${advice}`.trim(),
    severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning,
  );
  diagnostic.source = 'Permafrost';
  return diagnostic;
}
