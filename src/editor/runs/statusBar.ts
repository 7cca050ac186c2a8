import * as vscode from 'vscode';
import { COMMANDS, STATUS_ITEM } from '../contributions';
import { DisposableStore } from '../disposables';
import type { RunMonitor } from './runMonitor';
import { statusView } from './statusText';

const BACKGROUNDS = {
  none: undefined,
  warning: new vscode.ThemeColor('statusBarItem.warningBackground'),
  error: new vscode.ThemeColor('statusBarItem.errorBackground'),
} as const;

/** One item: the newest live run, else the last that ended in this window. Hidden before any. */
export class StatusBar implements vscode.Disposable {
  readonly #store = new DisposableStore();
  #item: vscode.StatusBarItem | undefined;
  #last: string | undefined;
  /** The run whose report a click opens. */
  #commandOf: string | undefined;

  constructor(private readonly monitor: RunMonitor) {
    this.#store.add(
      monitor.onDidChange(() => {
        this.#draw();
      }),
    );
    this.#store.add(
      monitor.onDidEnd(({ id }) => {
        this.#last = id;
        this.#draw();
      }),
    );
  }

  /** The run that is shown. */
  get runId(): string | undefined {
    return this.#last;
  }

  /** What is shown; undefined when nothing is. */
  get text(): string | undefined {
    return this.#item?.text;
  }

  dispose(): void {
    this.#item?.dispose();
    this.#store.dispose();
  }

  #draw(): void {
    const live = this.monitor.live;
    this.#last = live[0]?.id ?? this.#last;
    const state = this.#last === undefined ? undefined : this.monitor.runState(this.#last);
    if (state === undefined) {
      this.#item?.hide();
      return;
    }
    const going = live.some(({ id }) => id === state.id);
    const view = statusView(state, going, Math.max(0, live.length - 1));
    const item = (this.#item ??= this.#create());
    item.text = view.text;
    item.tooltip = view.tooltip;
    item.accessibilityInformation = { label: view.spoken, role: 'button' };
    item.backgroundColor = BACKGROUNDS[view.severity];
    if (state.id !== this.#commandOf) {
      // Each assignment voids the command before, and with it a click that is under way.
      item.command = { command: COMMANDS.showReport, title: 'Show Report', arguments: [state.id] };
      this.#commandOf = state.id;
    }
    item.show();
  }

  #create(): vscode.StatusBarItem {
    const item = vscode.window.createStatusBarItem(STATUS_ITEM, vscode.StatusBarAlignment.Left, 40);
    item.name = 'Permafrost';
    return item;
  }
}
