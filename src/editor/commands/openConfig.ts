import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { ConfigDocument } from '../config/configDocument';

const place = z.object({ offset: z.number(), length: z.number() });

/**
 * Opens permafrost.json.
 * @param at a stretch of its text to select, in UTF-16 code units
 */
export async function openConfig(config: ConfigDocument, at: unknown): Promise<void> {
  const { uri } = config.state;
  if (uri === undefined) return;
  const document = await vscode.workspace.openTextDocument(uri);
  const stretch = place.safeParse(at);
  if (!stretch.success) {
    await vscode.window.showTextDocument(document);
    return;
  }
  const { offset, length } = stretch.data;
  const selection = new vscode.Range(
    document.positionAt(offset),
    document.positionAt(offset + length),
  );
  await vscode.window.showTextDocument(document, { selection });
}
