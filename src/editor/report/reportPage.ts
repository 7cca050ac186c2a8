import { randomBytes } from 'node:crypto';

export interface ReportPage {
  /** Source of the extension's own files, as a CSP names it. */
  readonly cspSource: string;
  readonly script: string;
  readonly style: string;
  /** Of the run; what else is shown, as text that brings it back. */
  readonly runId: string;
}

/**
 * The empty style element that the toolkit creates before it fills it by script: its hash is the
 * SHA-256 of nothing.
 */
const HASH_OF_NOTHING = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

/** The content security policy of the report: no inline code, nothing from elsewhere. */
export function reportPolicy(cspSource: string, nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'nonce-${nonce}' ${HASH_OF_NOTHING}`,
    `font-src ${cspSource}`,
  ].join('; ');
}

/** The page that loads the report's webview code; a new nonce each time. */
export function reportPage({ cspSource, script, style, runId }: ReportPage): string {
  const nonce = randomBytes(16).toString('base64');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${reportPolicy(cspSource, nonce)}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${attribute(style)}">
<title>Permafrost report</title>
</head>
<body data-run-id="${attribute(runId)}">
<div id="report"></div>
<script nonce="${nonce}" src="${attribute(script)}"></script>
</body>
</html>
`;
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
