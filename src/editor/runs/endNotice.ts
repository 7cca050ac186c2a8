import * as vscode from 'vscode';
import type { RunState } from '../../runs/state';
import { verdictSentence } from '../../runs/words/words';
import { COMMANDS } from '../contributions';
import { DisposableStore } from '../disposables';
import { readSetting } from '../settings';
import type { Advice } from './advice';
import { adviceOf, type GivenAdvice } from './adviceOf';
import type { RunMonitor } from './runMonitor';

type Show = (message: string, ...items: string[]) => Thenable<string | undefined>;

/**
 * Tells the end of a run once, and a movement as soon as it is seen, instead of at the end. Opens
 * the report when the setting says so.
 */
export class EndNotice implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #told = new Set<string>();
  readonly #shown = new Set<string>();

  constructor(
    monitor: RunMonitor,
    private readonly advice: Advice,
  ) {
    this.#store.add(
      monitor.onDidChange((id) => {
        const state = monitor.live.find((run) => run.id === id);
        if (state !== undefined) this.#whileLive(state);
      }),
    );
    this.#store.add(
      monitor.onDidEnd((state) => {
        this.#tellEnd(state);
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

  #tellEnd(state: RunState): void {
    const given = adviceOf(state);
    // The verdict was told before the end, or is not worth telling.
    const untold = ['not verified', 'no model', 'pending'].includes(state.verdict.kind);
    const wanted = state.status === 'cancelled' && untold;
    if (given !== undefined && (wanted || this.#told.has(state.id))) {
      this.#told.add(state.id);
      void this.#offer(vscode.window.showWarningMessage, given.text, state.id, given);
    } else this.#tell(state, given);
  }

  #tell(state: RunState, given?: GivenAdvice): void {
    if (this.#told.has(state.id)) return;
    this.#told.add(state.id);
    const text = [verdictSentence(state), ...(given === undefined ? [] : [given.text])].join(' ');
    switch (state.verdict.kind) {
      case 'moved':
        void this.#offer(vscode.window.showErrorMessage, text, state.id, given);
        if (readSetting('showReportOnRun') !== 'never') this.#showOnce(state.id);
        break;
      case 'intact':
      case 'nothing frozen':
        void this.#offer(
          state.status === 'finished' && given === undefined
            ? vscode.window.showInformationMessage
            : vscode.window.showWarningMessage,
          text,
          state.id,
          given,
        );
        break;
      case 'not verified':
      case 'no model':
      case 'pending':
        // The user knows of an end that they asked for.
        if (state.status === 'cancelled') break;
        void this.#offer(vscode.window.showWarningMessage, text, state.id, given);
        break;
    }
  }

  #showOnce(id: string): void {
    if (this.#shown.has(id)) return;
    this.#shown.add(id);
    void vscode.commands.executeCommand(COMMANDS.showReport, id);
  }

  async #offer(show: Show, text: string, id: string, given?: GivenAdvice): Promise<void> {
    const report = 'Show Report';
    const follow = 'Add Rules';
    const answer = await show(text, report, ...(given === undefined ? [] : [follow]));
    if (answer === report) await vscode.commands.executeCommand(COMMANDS.showReport, id);
    if (answer === follow && given !== undefined) await this.advice.apply(given.rules);
  }
}
