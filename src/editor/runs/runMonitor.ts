import * as vscode from 'vscode';
import { eventsFile, runDirectory } from '../../runs/paths';
import type { RunState } from '../../runs/state';
import { loadRun, runIds } from '../../runs/store';
import type { ActiveFolder } from '../activeFolder';
import { debounce } from '../debounce';
import { DisposableStore } from '../disposables';
import { watchState } from '../watchState';
import { glance } from './glance';
import { RunFollower } from './runFollower';

/** How many of the newest runs are looked at for live ones when a window opens. */
const ADOPTED = 20;
const SETTLE_MILLISECONDS = 50;
const EXPECT_POLL_MILLISECONDS = 250;
const EXPECT_MILLISECONDS = 20_000;

/** Knows the runs of the active folder and follows those that are live, whoever started them. */
export class RunMonitor implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<string>());
  /** A run's state changed; fires its id at most ten times a second. */
  readonly onDidChange = this.#changed.event;
  readonly #listed = this.#store.add(new vscode.EventEmitter<void>());
  /** Runs came or went. */
  readonly onDidList = this.#listed.event;
  readonly #ended = this.#store.add(new vscode.EventEmitter<RunState>());
  /** A run that was live in this window is over. */
  readonly onDidEnd = this.#ended.event;
  readonly #settle = this.#store.add(debounce(() => void this.refresh(), SETTLE_MILLISECONDS));
  readonly #followers = new Map<string, RunFollower>();
  /** Runs that were read whole for a report and are over. */
  readonly #read = new Map<string, RunState>();
  #ids: readonly string[] = [];
  #watcher: vscode.Disposable | undefined;
  #refreshing: Promise<void> | undefined;
  /** How many runs are waited for. */
  #expected = 0;

  constructor(private readonly folder: ActiveFolder) {
    this.#store.add(folder.onDidChange(() => void this.start()));
  }

  /** Ids of all runs, newest first. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  /** States of the live runs, newest first. */
  get live(): readonly RunState[] {
    return this.#ids.flatMap((id) => {
      const follower = this.#followers.get(id);
      return follower?.live === true ? [follower.state] : [];
    });
  }

  /** Starts with the active folder: lists its runs and adopts the live ones. */
  async start(): Promise<void> {
    this.#stopAll();
    const { current } = this.folder;
    if (current !== undefined) this.#watcher = this.#watch(current);
    await this.refresh();
  }

  /** Looks for runs that came or went. */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#list().finally(() => (this.#refreshing = undefined));
    await this.#refreshing;
  }

  /**
   * Waits for a run that is about to start, since a watcher of a new folder is slow.
   * @returns its id; undefined when none came in time
   */
  async expect(): Promise<string | undefined> {
    const before = new Set(this.#ids);
    const deadline = Date.now() + EXPECT_MILLISECONDS;
    this.#expected++;
    try {
      while (Date.now() < deadline) {
        await this.refresh();
        const id = this.#ids.find((each) => !before.has(each));
        if (id !== undefined) return id;
        await new Promise((resolve) => setTimeout(resolve, EXPECT_POLL_MILLISECONDS));
      }
      return undefined;
    } finally {
      this.#expected--;
    }
  }

  /** The state as known now; undefined when the run has not been read or does not exist. */
  runState(id: string): RunState | undefined {
    return this.#followers.get(id)?.state ?? this.#read.get(id);
  }

  /** Reads a run that is not known yet; undefined when there is none. */
  async open(id: string): Promise<RunState | undefined> {
    const known = this.runState(id);
    if (known !== undefined) return known;
    const folder = this.folder.current?.uri.fsPath;
    if (folder === undefined) return undefined;
    await this.refresh();
    if (!this.#ids.includes(id)) return undefined;
    const state = this.runState(id) ?? (await loadRun(folder, id)).state;
    if (!this.#followers.has(id)) this.#read.set(id, state);
    return state;
  }

  /** The state of a run, without keeping it in memory; undefined when it cannot be read. */
  async peek(id: string): Promise<RunState | undefined> {
    const known = this.runState(id);
    const folder = this.folder.current?.uri.fsPath;
    if (known !== undefined || folder === undefined) return known;
    return loadRun(folder, id).then(
      ({ state }) => state,
      () => undefined,
    );
  }

  /** Absolute path of a run's folder; undefined when no folder is open. */
  directory(id: string): string | undefined {
    const folder = this.folder.current?.uri.fsPath;
    return folder === undefined ? undefined : runDirectory(folder, id);
  }

  dispose(): void {
    this.#stopAll();
    this.#store.dispose();
  }

  async #list(): Promise<void> {
    const folder = this.folder.current?.uri.fsPath;
    const ids = folder === undefined ? [] : await runIds(folder).catch(() => []);
    if (folder !== this.folder.current?.uri.fsPath) return;
    const before = this.#ids;
    this.#ids = ids;
    for (const id of before) if (!ids.includes(id)) this.#drop(id);
    const young = ids.slice(0, ADOPTED).filter((id) => !before.includes(id));
    await Promise.all(young.map((id) => this.#adopt(id)));
    if (ids.join() !== before.join()) this.#listed.fire();
  }

  async #adopt(id: string): Promise<void> {
    const directory = this.directory(id);
    if (directory === undefined || this.#followers.has(id)) return;
    const seen = await glance(eventsFile(directory));
    if (seen?.over === true) {
      if (this.#expected > 0) await this.#tellOver(id);
      return;
    }
    const follower = new RunFollower(
      id,
      directory,
      () => {
        this.#changed.fire(id);
      },
      () => {
        this.#ended.fire(follower.state);
      },
    );
    this.#followers.set(id, follower);
    await follower.start(seen?.written ?? Date.now());
    this.#changed.fire(id);
  }

  /** An expected run that came and went between two looks is told like one that was followed. */
  async #tellOver(id: string): Promise<void> {
    const state = await this.peek(id);
    if (state === undefined) return;
    this.#read.set(id, state);
    this.#changed.fire(id);
    this.#ended.fire(state);
  }

  #drop(id: string): void {
    this.#followers.get(id)?.dispose();
    this.#followers.delete(id);
    this.#read.delete(id);
    this.#changed.fire(id);
  }

  #stopAll(): void {
    this.#watcher?.dispose();
    for (const follower of this.#followers.values()) follower.dispose();
    this.#followers.clear();
    this.#read.clear();
    this.#ids = [];
  }

  #watch(folder: vscode.WorkspaceFolder): vscode.Disposable {
    return watchState(folder, '.permafrost/runs', '*', () => {
      this.#settle.schedule();
    });
  }
}
