import { setTimeout as delay } from 'node:timers/promises';
import type * as vscode from 'vscode';

/** VS Code's file watcher gathers changes for some 100 ms; longer than this it does not work. */
const PATIENCE_MILLISECONDS = 2000;
const LOOK_MILLISECONDS = 25;

/**
 * Waits until a document without unsaved edits holds what the disk holds: VS Code takes over a
 * change from outside a moment later, and an edit made before that could not be saved. Gives up
 * after two seconds; VS Code then tells of the conflict itself.
 * @param onDisk reads the file; null when there is none
 */
export async function caughtUp(
  document: vscode.TextDocument,
  onDisk: () => Promise<string | null>,
): Promise<void> {
  const end = Date.now() + PATIENCE_MILLISECONDS;
  while (!document.isDirty && !document.isClosed) {
    const text = await onDisk();
    if (text === null || plain(text) === plain(document.getText()) || Date.now() > end) return;
    await delay(LOOK_MILLISECONDS);
  }
}

/** A document has no byte order mark, and line endings of one kind only. */
function plain(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
}
