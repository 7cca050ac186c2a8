import * as vscode from 'vscode';
import { CONTEXT_KEYS } from '../contributions';
import { DisposableStore } from '../disposables';
import type { ParameterView } from '../tree/parameterView';
import type { RunMonitor } from './runMonitor';
import type { StatusBar } from './statusBar';

/** Keeps what other parts show of runs in step: the context key and the badge on the tree. */
export class RunContext implements vscode.Disposable {
  readonly #store = new DisposableStore();
  #running = false;

  constructor(
    private readonly monitor: RunMonitor,
    private readonly status: StatusBar,
    private readonly view: ParameterView,
  ) {
    const update = (): void => {
      this.#update();
    };
    this.#store.add(monitor.onDidChange(update));
    this.#store.add(monitor.onDidEnd(update));
  }

  dispose(): void {
    this.#store.dispose();
  }

  #update(): void {
    const { runId } = this.status;
    const verdict = runId === undefined ? undefined : this.monitor.runState(runId)?.verdict;
    this.view.showMoved(verdict?.kind === 'moved' ? verdict.movements.length : 0);
    const running = this.monitor.live.length > 0;
    if (running === this.#running) return;
    this.#running = running;
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.running, running);
  }
}
