import * as vscode from 'vscode';
import type { ConfigProblem } from '../../freeze/config';
import { overriddenRules, type RuleHint } from '../../freeze/overriddenRules';
import { DisposableStore } from '../disposables';
import type { Project } from '../project';
import type { ModelPathCheck } from './modelPathCheck';

/** Shows what is wrong with permafrost.json in the Problems panel, and fades rules that do nothing. */
export class ConfigDiagnostics implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #collection = this.#store.add(vscode.languages.createDiagnosticCollection('permafrost'));

  constructor(
    private readonly project: Project,
    private readonly paths: ModelPathCheck,
  ) {
    const update = (): void => {
      this.#update();
    };
    this.#store.add(project.onDidChange(update));
    this.#store.add(paths.onDidChange(update));
  }

  dispose(): void {
    this.#store.dispose();
  }

  #update(): void {
    const { uri, parsed } = this.project.config.state;
    this.#collection.clear();
    if (uri === undefined || parsed === null) return;
    const { models, ruleProblems } = this.project.state;
    const path = this.paths.problem;
    const problems = [...parsed.problems, ...ruleProblems, ...(path === null ? [] : [path])];
    const hints = overriddenRules(parsed.config?.rules ?? [], models);
    this.#collection.set(uri, [...problems.map(problemDiagnostic), ...hints.map(hintDiagnostic)]);
  }
}

function problemDiagnostic(problem: ConfigProblem): vscode.Diagnostic {
  return diagnosticOf(
    problem,
    problem.severity === 'error'
      ? vscode.DiagnosticSeverity.Error
      : vscode.DiagnosticSeverity.Warning,
  );
}

function hintDiagnostic(hint: RuleHint): vscode.Diagnostic {
  const diagnostic = diagnosticOf(hint, vscode.DiagnosticSeverity.Hint);
  diagnostic.tags = [vscode.DiagnosticTag.Unnecessary];
  return diagnostic;
}

function diagnosticOf(
  { line, column, length, text, advice }: RuleHint,
  severity: vscode.DiagnosticSeverity,
): vscode.Diagnostic {
  const start = new vscode.Position(line - 1, column - 1);
  const range = new vscode.Range(start, start.translate(0, length));
  const diagnostic = new vscode.Diagnostic(range, `${text} ${advice}`.trim(), severity);
  diagnostic.source = 'Permafrost';
  return diagnostic;
}
