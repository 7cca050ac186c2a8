import * as vscode from 'vscode';
import type { Comparison } from '../../model/compare/comparison';
import { comparisonView } from '../../runs/report/comparisonView';
import { plainView } from '../../runs/report/plainView';
import type { ReportView, Tone } from '../../runs/report/reportView';
import { COMMANDS } from '../contributions';
import { DisposableStore } from '../disposables';
import { loadExporters } from '../report/loadExporters';
import { saveHtml, type ReportRequest } from '../report/reportWebview';
import type { CheckpointDeps } from './checkpointDeps';
import { checkpointFile, shownPath } from './checkpointFile';
import { doJob } from './checkpointJob';
import { comparisonRules } from './comparisonRules';
import { writeSubject, type ComparisonSubject } from './comparisonSubject';
import { ViewPanel } from './viewPanel';

/** How compared checkpoints differ, in an editor tab. */
export class ComparisonPanel implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #closed = this.#store.add(new vscode.CancellationTokenSource());
  readonly #view: ViewPanel;
  #comparison: Comparison | null = null;
  /** Text of the config that the comparison was held against. */
  #configText: string | null = null;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly subject: ComparisonSubject,
    private readonly deps: CheckpointDeps,
  ) {
    panel.title = titleOf(subject);
    const view = this.#plain('running', 'Comparing…', '');
    this.#view = this.#store.add(
      new ViewPanel(panel, deps.extensionUri, writeSubject(subject), view, (message) =>
        this.#handle(message),
      ),
    );
    void this.compare();
  }

  /** Compares anew, as the files and the rules are now. */
  async compare(): Promise<void> {
    const { token } = this.#closed;
    try {
      const { files } = this.subject;
      const rules = await comparisonRules(this.subject, this.deps);
      const job = { kind: 'compare', files: await Promise.all(files.map(checkpointFile)) } as const;
      const title = `Comparing ${titleOf(this.subject)}`;
      this.#comparison = await doJob({ ...job, ...rules }, this.deps.extensionUri, {
        title,
        token,
      });
      this.#configText = rules.config?.text ?? null;
      this.#view.show(comparisonView(this.#comparison));
    } catch (error) {
      if (token.isCancellationRequested) return;
      this.#comparison = null;
      this.#view.show(this.#failure(error));
    }
  }

  reveal(): void {
    this.panel.reveal();
  }

  dispose(): void {
    this.#closed.cancel();
    this.#store.dispose();
  }

  #failure(error: unknown): ReportView {
    if (error instanceof vscode.CancellationError) {
      return this.#plain('not verified', 'Not compared', 'It was cancelled.');
    }
    const text = error instanceof Error ? error.message : String(error);
    return this.#plain('not verified', 'These checkpoints cannot be compared', text);
  }

  #plain(tone: Tone, headline: string, detail: string): ReportView {
    const subject = titleOf(this.subject);
    return plainView({ kind: 'comparison', subject, tone, headline, detail });
  }

  async #handle(message: ReportRequest): Promise<void> {
    switch (message.type) {
      case 'revealTensor': {
        const model = this.#comparison?.models[message.model];
        const name = model?.tensors[message.row]?.name;
        if (model === undefined || name === undefined) return;
        await vscode.commands.executeCommand(COMMANDS.revealInTree, { model: model.name, name });
        return;
      }
      case 'openConfig': {
        // The rules may have changed since, or be those of a run.
        const same = this.deps.project.config.state.text === this.#configText;
        await this.deps.openConfigAtRule('', same ? message.rule : null);
        return;
      }
      case 'copyMarkdown': {
        if (this.#comparison === null) return;
        const { renderComparisonMarkdown } = await loadExporters();
        await vscode.env.clipboard.writeText(renderComparisonMarkdown(this.#comparison));
        vscode.window.setStatusBarMessage('Comparison copied as Markdown', 3000);
        return;
      }
      case 'exportHtml': {
        if (this.#comparison === null) return;
        const { renderComparisonHtml } = await loadExporters();
        await saveHtml(renderComparisonHtml(this.#comparison), 'permafrost-comparison.html');
        return;
      }
      case 'openCause':
      case 'applyRules':
      case 'useCache':
      case 'setUpEngine':
      case 'openRunFolder':
      case 'openInTree':
      case 'compareWith':
        // A comparison has no such buttons.
        return;
    }
  }
}

/** `start.pt → end.pt`; of more than two, how many. */
function titleOf({ files }: ComparisonSubject): string {
  const names = files.map((file) => shownPath(file).split(/[\\/]/).at(-1) ?? '');
  const [first = '', last = ''] = [names[0], names.at(-1)];
  return files.length === 2 ? `${first} → ${last}` : `${String(files.length)} checkpoints`;
}
