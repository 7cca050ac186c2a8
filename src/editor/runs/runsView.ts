import * as vscode from 'vscode';
import { COMMANDS, ROWS, VIEWS } from '../contributions';
import { DisposableStore } from '../disposables';
import type { RunMonitor } from './runMonitor';
import { runRow, type RunRow } from './runRow';

/** How many runs are listed: each is read when its row is drawn. */
const SHOWN = 100;

/** The view "Runs": newest first, the live ones kept up to date. */
export class RunsView implements vscode.TreeDataProvider<string>, vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #treeChanged = this.#store.add(new vscode.EventEmitter<string | undefined>());
  readonly onDidChangeTreeData = this.#treeChanged.event;
  readonly #view: vscode.TreeView<string>;
  /** What is shown of runs that are over. */
  readonly #rows = new Map<string, RunRow>();

  constructor(private readonly monitor: RunMonitor) {
    this.#view = this.#store.add(
      vscode.window.createTreeView<string>(VIEWS.runs, { treeDataProvider: this }),
    );
    this.#store.add(
      monitor.onDidChange((id) => {
        this.#rows.delete(id);
        if (this.#view.visible && monitor.ids.includes(id)) this.#treeChanged.fire(id);
      }),
    );
    this.#store.add(
      monitor.onDidList(() => {
        this.#treeChanged.fire(undefined);
      }),
    );
  }

  getChildren(id?: string): string[] {
    return id === undefined ? this.monitor.ids.slice(0, SHOWN) : [];
  }

  async getTreeItem(id: string): Promise<vscode.TreeItem> {
    const live = this.monitor.live.some((run) => run.id === id);
    const row = await this.#row(id, live);
    const item = new vscode.TreeItem(row.label);
    item.id = id;
    item.description = row.description;
    item.tooltip = row.tooltip;
    const color = row.color === undefined ? undefined : new vscode.ThemeColor(row.color);
    item.iconPath = new vscode.ThemeIcon(row.icon, color);
    item.contextValue = live ? ROWS.liveRun : ROWS.endedRun;
    item.command = { command: COMMANDS.showReport, title: 'Show Report', arguments: [id] };
    item.accessibilityInformation = { label: row.spoken, role: 'treeitem' };
    return item;
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #row(id: string, live: boolean): Promise<RunRow> {
    const known = this.#rows.get(id);
    if (known !== undefined) return known;
    const state = await this.monitor.peek(id);
    const row = runRow(id, state, live, new Date());
    if (!live) this.#rows.set(id, row);
    return row;
  }
}
