import * as vscode from 'vscode';
import { parseFromReport, type FromReport } from '../../runs/report/reportProtocol';
import { reportPage } from './reportPage';

/**
 * Loads the report's page into a panel.
 * @param subject what the page keeps over a reload, so that a serializer can bring it back
 */
export function loadReportPage(
  panel: vscode.WebviewPanel,
  extensionUri: vscode.Uri,
  subject: string,
): void {
  const { webview } = panel;
  const dist = vscode.Uri.joinPath(extensionUri, 'dist');
  const media = vscode.Uri.joinPath(extensionUri, 'media');
  panel.iconPath = {
    light: vscode.Uri.joinPath(media, 'report-light.svg'),
    dark: vscode.Uri.joinPath(media, 'report-dark.svg'),
  };
  webview.options = { enableScripts: true, localResourceRoots: [dist] };
  webview.html = reportPage({
    cspSource: webview.cspSource,
    script: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'report.js')).toString(),
    style: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'report.css')).toString(),
    runId: subject,
  });
}

/** What a person asks for on the page. */
export type ReportRequest = Exclude<FromReport, { readonly type: 'ready' }>;

/**
 * Hears what the report's page says; what is no message of it is passed over.
 * @param ready the page wants all that it shows
 * @param handle answers what is asked for; its errors are told
 */
export function onReportMessage(
  { webview }: vscode.WebviewPanel,
  ready: () => void,
  handle: (request: ReportRequest) => Promise<void> | void,
): vscode.Disposable {
  return webview.onDidReceiveMessage(async (raw: unknown) => {
    const message = parseFromReport(raw);
    if (message === undefined) return;
    try {
      if (message.type === 'ready') ready();
      else await handle(message);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      void vscode.window.showErrorMessage(`Permafrost: ${text}`);
    }
  });
}

/** Asks where to save an HTML report, and writes it. */
export async function saveHtml(html: string, name: string): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    filters: { HTML: ['html'] },
    title: 'Export Report as HTML',
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder, name) }),
  });
  if (target !== undefined) await vscode.workspace.fs.writeFile(target, Buffer.from(html));
}
