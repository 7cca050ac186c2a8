import * as vscode from 'vscode';
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
