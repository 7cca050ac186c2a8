import * as vscode from 'vscode';
import type { RunState } from '../../runs/state';
import { asksForEngine, engineProblem } from '../../runs/words/engineWords';
import { visibleText } from '../../runs/words/visibleText';
import { COMMANDS } from '../contributions';
import { DisposableStore } from '../disposables';
import type { RunMonitor } from '../runs/runMonitor';

/**
 * Tells once of each run, as soon as it is known, that it does not run on the engine that was asked
 * for; offers to set one up where none is installed.
 */
export class EngineNotice implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #told = new Set<string>();

  constructor(monitor: RunMonitor) {
    this.#store.add(
      monitor.onDidChange((id) => {
        const state = monitor.live.find((run) => run.id === id);
        if (state !== undefined) this.#tell(state);
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

  #tell(state: RunState): void {
    if (this.#told.has(state.id)) return;
    const text = engineProblem(state);
    if (text === null) return;
    this.#told.add(state.id);
    void offerEngine(visibleText(text));
  }
}

async function offerEngine(text: string): Promise<void> {
  const setUp = 'Set Up GPU Engine';
  const items = asksForEngine(text) ? [setUp] : [];
  const answer = await vscode.window.showWarningMessage(text, ...items);
  if (answer === setUp) await vscode.commands.executeCommand(COMMANDS.setUpEngine);
}
