import type * as vscode from 'vscode';
import type { ToReport } from '../../runs/report/reportProtocol';
import type { ReportView } from '../../runs/report/reportView';
import { loadReportPage, onReportMessage, type ReportRequest } from '../report/reportWebview';

/** A report of checkpoints in a panel: keeps what it shows, and gives it to the page anew. */
export class ViewPanel implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[] = [];
  private seq = 0;

  /**
   * @param subject what the page keeps over a reload
   * @param view what is shown at first
   * @param handle answers the page; its errors are told
   */
  constructor(
    private readonly panel: vscode.WebviewPanel,
    extensionUri: vscode.Uri,
    subject: string,
    private view: ReportView,
    handle: (request: ReportRequest) => Promise<void> | void,
  ) {
    this.disposables.push(
      onReportMessage(
        panel,
        () => {
          this.snapshot();
        },
        handle,
      ),
      panel.onDidChangeViewState(() => {
        // A hidden page is gone: it asks again when it is shown.
        if (!panel.visible) this.seq = 0;
      }),
    );
    loadReportPage(panel, extensionUri, subject);
  }

  /** Shows another report. */
  show(view: ReportView): void {
    this.view = view;
    if (this.seq > 0) this.snapshot();
  }

  /** Shows what changed of the same file: the reader stays where he is. */
  update(view: ReportView): void {
    this.view = view;
    if (this.seq === 0) return;
    const { head, rules, notes } = view;
    const models = view.models.map((whole, index) => ({ index, whole }));
    this.seq++;
    this.post({ type: 'patch', seq: this.seq, patch: { head, rules, notes, models } });
  }

  dispose(): void {
    for (const disposable of this.disposables.splice(0)) disposable.dispose();
  }

  private snapshot(): void {
    this.seq = 1;
    this.post({ type: 'snapshot', seq: 1, view: this.view });
  }

  private post(message: ToReport): void {
    // A message to a webview that has just been closed is lost, and may be.
    void this.panel.webview.postMessage(message).then(undefined, () => undefined);
  }
}
