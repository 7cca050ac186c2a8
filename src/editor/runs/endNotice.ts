import * as vscode from 'vscode';
import type { RunState } from '../../runs/state';
import { verdictSentence } from '../../runs/words/words';
import { COMMANDS } from '../contributions';
import { DisposableStore } from '../disposables';
import { readSetting } from '../settings';
import type { RunMonitor } from './runMonitor';

/**
 * Tells the end of a run once, and a movement as soon as it is seen, instead of at the end. Opens
 * the report when the setting says so.
 */
export class EndNotice implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #told = new Set<string>();
  readonly #shown = new Set<string>();

  constructor(monitor: RunMonitor) {
    this.#store.add(
      monitor.onDidChange((id) => {
        const state = monitor.live.find((run) => run.id === id);
        if (state !== undefined) this.#whileLive(state);
      }),
    );
    this.#store.add(
      monitor.onDidEnd((state) => {
        this.#tell(state);
      }),
    );
  }

  dispose(): void {
    this.#store.dispose();
  }

  #whileLive(state: RunState): void {
    if (readSetting('showReportOnRun') === 'onStart') this.#showOnce(state.id);
    if (state.verdict.kind === 'moved') this.#tell(state);
  }

  #tell(state: RunState): void {
    if (this.#told.has(state.id)) return;
    this.#told.add(state.id);
    const text = verdictSentence(state);
    switch (state.verdict.kind) {
      case 'moved':
        void offerReport(vscode.window.showErrorMessage, text, state.id);
        if (readSetting('showReportOnRun') !== 'never') this.#showOnce(state.id);
        break;
      case 'intact':
      case 'nothing frozen':
        void offerReport(
          state.status === 'finished'
            ? vscode.window.showInformationMessage
            : vscode.window.showWarningMessage,
          text,
          state.id,
        );
        break;
      case 'not verified':
      case 'no model':
      case 'pending':
        // The user knows of an end that they asked for.
        if (state.status === 'cancelled') break;
        void offerReport(vscode.window.showWarningMessage, text, state.id);
        break;
    }
  }

  #showOnce(id: string): void {
    if (this.#shown.has(id)) return;
    this.#shown.add(id);
    void vscode.commands.executeCommand(COMMANDS.showReport, id);
  }
}

async function offerReport(
  show: (message: string, ...items: string[]) => Thenable<string | undefined>,
  text: string,
  id: string,
): Promise<void> {
  const button = 'Show Report';
  if ((await show(text, button)) === button) {
    await vscode.commands.executeCommand(COMMANDS.showReport, id);
  }
}
