import * as vscode from 'vscode';
import { DisposableStore } from '../disposables';
import type { RunMonitor } from '../runs/runMonitor';
import type { ConfigDocument } from './configDocument';

/** Says once for each run that an edit of the config under way takes effect at the next run. */
export class NextRunNotice implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #told = new Set<string>();
  #before: { readonly file: string; readonly text: string } | undefined;

  constructor(config: ConfigDocument, monitor: RunMonitor) {
    this.#store.add(
      config.onDidChange(() => {
        this.#changed(config, monitor);
      }),
    );
  }

  dispose(): void {
    this.#store.dispose();
  }

  #changed({ state }: ConfigDocument, monitor: RunMonitor): void {
    const before = this.#before;
    const file = state.uri?.toString();
    this.#before =
      file === undefined || state.text === null ? undefined : { file, text: state.text };
    const edited = before !== undefined && before.file === file;
    const run = monitor.live.find(({ id }) => !this.#told.has(id));
    if (!edited || run === undefined) return;
    this.#told.add(run.id);
    void vscode.window.showInformationMessage(
      'The running training keeps the rules that it started with. The edit takes effect at the next run.',
    );
  }
}
