import * as vscode from 'vscode';
import { COMMANDS } from './contributions';

/** The output channel "Permafrost", made when the first line comes. */
export class Log implements vscode.Disposable {
  #channel: vscode.LogOutputChannel | undefined;

  /** Writes a line. */
  info(text: string): void {
    this.#open().info(text);
  }

  /** Logs an error and tells the user about it, with `context` as the first words. */
  error(error: unknown, context: string): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#open().error(`${context}: ${error instanceof Error ? (error.stack ?? text) : text}`);
    void this.tell(vscode.window.showErrorMessage, `${context}. ${text}`);
  }

  /** Shows a message with a button that opens the log. */
  async tell(
    show: (message: string, ...items: string[]) => Thenable<string | undefined>,
    text: string,
  ): Promise<void> {
    const button = 'Show Log';
    if ((await show(text, button)) === button) {
      await vscode.commands.executeCommand(COMMANDS.showLog);
    }
  }

  /** Brings the channel to the front. */
  show(): void {
    this.#open().show(true);
  }

  dispose(): void {
    this.#channel?.dispose();
  }

  #open(): vscode.LogOutputChannel {
    this.#channel ??= vscode.window.createOutputChannel('Permafrost', { log: true });
    return this.#channel;
  }
}
