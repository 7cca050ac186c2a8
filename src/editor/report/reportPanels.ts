import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { ReportActions, ReportRuns } from './reportDeps';
import type * as Panel from './reportPanel';

/** The view type of the report: also in `activationEvents` as `onWebviewPanel:permafrost.report`. */
export const REPORT_VIEW_TYPE = 'permafrost.report';

const persisted = z.object({ runId: z.string() });

/** The reports that are open, one tab for each run; brings them back after a window reload. */
export class ReportPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private readonly open = new Map<string, Panel.ReportPanel>();
  private readonly registration: vscode.Disposable;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly runs: ReportRuns,
    private readonly actions: ReportActions,
  ) {
    this.registration = vscode.window.registerWebviewPanelSerializer(REPORT_VIEW_TYPE, this);
  }

  /** Shows the report of a run, in the tab that it has or in a new one. */
  async show(runId: string): Promise<void> {
    const known = this.open.get(runId);
    if (known !== undefined) {
      known.reveal();
      return;
    }
    const [{ ReportPanel }] = await Promise.all([loadPanel(), this.load(runId)]);
    if (this.open.has(runId)) return;
    const column = vscode.window.activeTextEditor?.viewColumn ?? vscode.ViewColumn.Active;
    const panel = vscode.window.createWebviewPanel(REPORT_VIEW_TYPE, title(runId), column);
    this.adopt(panel, runId, ReportPanel);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const result = persisted.safeParse(state);
    if (!result.success || this.open.has(result.data.runId)) {
      panel.dispose();
      return;
    }
    const { runId } = result.data;
    const [{ ReportPanel }] = await Promise.all([loadPanel(), this.load(runId)]);
    this.adopt(panel, runId, ReportPanel);
  }

  dispose(): void {
    this.registration.dispose();
    for (const report of this.open.values()) report.dispose();
    this.open.clear();
  }

  private async load(runId: string): Promise<void> {
    if (this.runs.runState(runId) !== undefined) return;
    try {
      await this.runs.open(runId);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      void vscode.window.showErrorMessage(`Permafrost: ${text}`);
    }
  }

  private adopt(
    panel: vscode.WebviewPanel,
    runId: string,
    ReportPanel: typeof Panel.ReportPanel,
  ): void {
    panel.title = title(runId);
    const report = new ReportPanel(panel, runId, this.extensionUri, this.runs, this.actions);
    this.open.set(runId, report);
    panel.onDidDispose(() => {
      report.dispose();
      if (this.open.get(runId) === report) this.open.delete(runId);
    });
  }
}

/** A bundle of its own in `scripts/build.mjs`, as most windows never show a report. */
function loadPanel(): Promise<typeof Panel> {
  return import('./reportPanel');
}

function title(runId: string): string {
  return `Permafrost: ${runId}`;
}
