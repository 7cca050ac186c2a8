import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { Inspection } from '../../model/inspection';
import { readTfjsModelJson } from '../../model/tfjsModelJson';
import { inspectionFile } from '../../runs/paths';
import { readInspection } from '../../runs/store';
import type { ActiveFolder } from '../activeFolder';
import { debounce } from '../debounce';
import { DisposableStore } from '../disposables';
import { watchState } from '../watchState';

/** A writer's rename comes as two events. */
const SETTLE_MILLISECONDS = 100;

export interface ModelState {
  readonly inspection: Inspection | null;
  /** Why the inspection cannot be read, with file and place; null when nothing is wrong. */
  readonly problem: string | null;
}

const EMPTY: ModelState = { inspection: null, problem: null };

/**
 * The models shown in the tree: the last inspection of the active folder, or a model file that was
 * opened since, whichever is newer.
 */
export class ModelSource implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  readonly #settle = this.#store.add(debounce(() => void this.refresh(), SETTLE_MILLISECONDS));
  #state: ModelState = EMPTY;
  #opened: vscode.Uri | undefined;
  #watcher: vscode.Disposable | undefined;

  constructor(private readonly folder: ActiveFolder) {
    this.#store.add(folder.onDidChange(() => void this.start()));
  }

  get state(): ModelState {
    return this.#state;
  }

  /** Starts to watch the inspection of the active folder, and reads it. */
  async start(): Promise<void> {
    this.#watcher?.dispose();
    this.#opened = undefined;
    const { current } = this.folder;
    if (current !== undefined) this.#watcher = this.#watch(current);
    await this.refresh();
  }

  /**
   * Shows a TensorFlow.js model.json without running anything, until the next inspection.
   */
  async open(file: vscode.Uri): Promise<void> {
    this.#opened = file;
    await this.refresh();
  }

  /** Reads again what is shown. */
  async refresh(): Promise<void> {
    const { current } = this.folder;
    const state = current === undefined ? EMPTY : await this.#read(current.uri.fsPath);
    if (current !== this.folder.current) return;
    // A tree that is built anew for nothing makes VS Code lose clicks.
    if (isDeepStrictEqual(state, this.#state)) return;
    this.#state = state;
    this.#changed.fire();
  }

  dispose(): void {
    this.#watcher?.dispose();
    this.#store.dispose();
  }

  #watch(folder: vscode.WorkspaceFolder): vscode.Disposable {
    return watchState(folder, '.permafrost', 'model.json', () => {
      this.#opened = undefined;
      this.#settle.schedule();
    });
  }

  async #read(folder: string): Promise<ModelState> {
    const file = inspectionFile(folder);
    try {
      const opened = this.#opened?.fsPath;
      const inspection =
        opened === undefined
          ? await readInspection(file)
          : readTfjsModelJson(await readFile(opened, 'utf8'), shortPath(folder, opened));
      return { inspection, problem: null };
    } catch (error) {
      const text = (error as Error).message.replaceAll(`${folder}${sep}`, '');
      const advice = this.#opened === undefined ? ' Inspect the model to write it anew.' : '';
      return { inspection: null, problem: `${text}${advice}` };
    }
  }
}

/** Milliseconds since 1970 at which the inspection was written; 0 when there is none. */
export async function inspectedAt(folder: string): Promise<number> {
  try {
    return (await stat(inspectionFile(folder))).mtimeMs;
  } catch {
    return 0;
  }
}

function shortPath(folder: string, file: string): string {
  const path = relative(folder, file);
  return path.startsWith('..') || isAbsolute(path) ? file : path;
}
