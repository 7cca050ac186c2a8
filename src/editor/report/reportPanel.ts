import * as vscode from 'vscode';
import type { ReportActions, ReportRuns } from './reportDeps';
import { ReportFeed } from './reportFeed';
import { firstCause } from './firstCause';
import { loadExporters } from './loadExporters';
import { loadReportPage, onReportMessage, saveHtml, type ReportRequest } from './reportWebview';

/** One report in an editor tab: feeds its webview and answers it. */
export class ReportPanel implements vscode.Disposable {
  private readonly feed: ReportFeed;
  private readonly disposables: vscode.Disposable[] = [];

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly runId: string,
    extensionUri: vscode.Uri,
    private readonly runs: ReportRuns,
    private readonly actions: ReportActions,
  ) {
    const { webview } = panel;
    this.feed = new ReportFeed(
      runId,
      () => runs.runState(runId),
      // A message to a webview that has just been closed is lost, and may be.
      (message) => void webview.postMessage(message).then(undefined, () => undefined),
    );
    this.disposables.push(
      onReportMessage(
        panel,
        () => {
          this.feed.connect();
        },
        (request) => this.handle(request),
      ),
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.feed.pause();
      }),
      runs.onDidChange((id) => {
        if (id === runId) this.feed.changed();
      }),
    );
    loadReportPage(panel, extensionUri, runId);
  }

  reveal(): void {
    this.panel.reveal();
  }

  dispose(): void {
    this.feed.pause();
    for (const disposable of this.disposables.splice(0)) disposable.dispose();
  }

  private async handle(message: ReportRequest): Promise<void> {
    const state = this.runs.runState(this.runId);
    if (state === undefined) return;
    switch (message.type) {
      case 'revealTensor': {
        const model = state.models[message.model];
        const tensor = model?.tensors[message.row];
        if (model !== undefined && tensor !== undefined) {
          await this.actions.revealTensor(this.runId, model.eventName, tensor.name);
        }
        return;
      }
      case 'openCause': {
        const cause = firstCause(state, message.model, message.row);
        if (cause?.file !== undefined) {
          await this.actions.openSource(this.runId, cause.file, cause.line);
        }
        return;
      }
      case 'openConfig':
        await this.actions.openConfigAtRule(this.runId, message.rule);
        return;
      case 'applyRules': {
        const { rules = [] } = state.messages[message.message] ?? {};
        if (rules.length > 0) await this.actions.applyRules(rules);
        return;
      }
      case 'useCache':
        await this.actions.useCache();
        return;
      case 'setUpEngine':
        await this.actions.setUpEngine();
        return;
      case 'copyMarkdown':
        await vscode.env.clipboard.writeText((await loadExporters()).renderMarkdown(state));
        vscode.window.setStatusBarMessage('Report copied as Markdown', 3000);
        return;
      case 'exportHtml':
        await saveHtml((await loadExporters()).renderHtml(state), `permafrost-${this.runId}.html`);
        return;
      case 'openRunFolder':
        await this.actions.openRunFolder(this.runId);
        return;
      case 'openInTree':
      case 'compareWith':
        // A run's report has no such buttons.
        return;
    }
  }
}
