import { stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { Inspection } from '../../model/inspection';
import { inspectionFile } from '../../runs/paths';
import { readInspection } from '../../runs/store';
import type { ActiveFolder } from '../activeFolder';
import type { ConfigDocument } from '../config/configDocument';
import { debounce } from '../debounce';
import { DisposableStore } from '../disposables';
import { watchState } from '../watchState';
import { configModel } from './configModel';
import { OpenedModel } from './openedModel';

/** A writer's rename comes as two events. */
const SETTLE_MILLISECONDS = 100;

export interface ModelState {
  readonly inspection: Inspection | null;
  /** Why the inspection cannot be read, with file and place; null when nothing is wrong. */
  readonly problem: string | null;
}

const EMPTY: ModelState = { inspection: null, problem: null };

/** Reads what is in a checkpoint. */
export type ListCheckpoint = (file: vscode.Uri) => Promise<Inspection>;

/**
 * The models shown in the tree: the last inspection of the active folder, or the checkpoint that
 * was opened or is named by the config, whichever is newer.
 */
export class ModelSource implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  readonly #settle = this.#store.add(debounce(() => void this.refresh(), SETTLE_MILLISECONDS));
  readonly #opened: OpenedModel;
  #state: ModelState = EMPTY;
  #watcher: vscode.Disposable | undefined;
  #configUri: string | undefined;
  #reading: Promise<void> = Promise.resolve();
  #listed: { readonly key: string; readonly inspection: Inspection } | undefined;

  constructor(
    private readonly folder: ActiveFolder,
    private readonly config: ConfigDocument,
    memento: vscode.Memento,
    private readonly list: ListCheckpoint,
  ) {
    this.#opened = new OpenedModel(memento);
    this.#store.add(folder.onDidChange(() => void this.start()));
    this.#store.add(config.onDidChange(() => void this.#configChanged()));
    this.#store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => void this.refresh()));
  }

  get state(): ModelState {
    return this.#state;
  }

  /** Starts to watch the inspection of the active folder, and reads it. */
  async start(): Promise<void> {
    this.#watcher?.dispose();
    const { current } = this.folder;
    if (current !== undefined) this.#watcher = this.#watch(current);
    this.#begin(current);
    await this.refresh();
  }

  /**
   * Shows a checkpoint without running anything of it, until the next inspection.
   * @throws CheckpointError when it cannot be read, and then the tree stays as it is
   */
  async open(file: vscode.Uri): Promise<void> {
    await this.#inspectionOf(file);
    await this.#opened.open(file);
    await this.refresh();
  }

  /** Reads again what is shown. */
  async refresh(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#refresh());
    await this.#reading;
  }

  dispose(): void {
    this.#watcher?.dispose();
    this.#store.dispose();
  }

  async #refresh(): Promise<void> {
    const { current } = this.folder;
    const state = await this.#read(current);
    if (current !== this.folder.current) return;
    // A tree that is built anew for nothing makes VS Code lose clicks.
    if (isDeepStrictEqual(state, this.#state)) return;
    this.#state = state;
    this.#changed.fire();
  }

  #begin(folder: vscode.WorkspaceFolder | undefined): void {
    this.#configUri = this.config.state.uri?.toString();
    this.#opened.begin(folder && configModel(this.config.state, folder));
  }

  async #configChanged(): Promise<void> {
    const { current } = this.folder;
    if (this.#watcher === undefined) return;
    if (this.config.state.uri?.toString() !== this.#configUri) {
      // The config of another folder, which the user has not changed.
      this.#begin(current);
      await this.refresh();
      return;
    }
    if (await this.#opened.follow(current && configModel(this.config.state, current))) {
      await this.refresh();
    }
  }

  #watch(folder: vscode.WorkspaceFolder): vscode.Disposable {
    return watchState(folder, '.permafrost', 'model.json', () => {
      this.#settle.schedule();
    });
  }

  /** The newer of inspection and checkpoint; the other one where it cannot be read. */
  async #read(folder: vscode.WorkspaceFolder | undefined): Promise<ModelState> {
    const inspected = folder === undefined ? EMPTY : await inspectionOf(folder.uri.fsPath);
    const { file, time } = this.#opened;
    if (file === undefined || (inspected.inspection?.time ?? -1) > time) return inspected;
    if (!this.#opened.byHand && !mayList(file, folder)) return inspected;
    try {
      return { inspection: await this.#inspectionOf(file), problem: null };
    } catch (error) {
      if (error instanceof vscode.CancellationError) return inspected;
      return { inspection: inspected.inspection, problem: (error as Error).message };
    }
  }

  async #inspectionOf(file: vscode.Uri): Promise<Inspection> {
    const key = await versionOf(file);
    if (key === undefined || this.#listed?.key !== key) {
      this.#listed = { key: key ?? '', inspection: await this.list(file) };
    }
    return this.#listed.inspection;
  }
}

/** The config of a folder that nobody trusts may not have any file of the machine opened. */
function mayList(file: vscode.Uri, folder: vscode.WorkspaceFolder | undefined): boolean {
  if (vscode.workspace.isTrusted) return true;
  return vscode.workspace.getWorkspaceFolder(file)?.uri.toString() === folder?.uri.toString();
}

async function inspectionOf(folder: string): Promise<ModelState> {
  try {
    return { inspection: await readInspection(inspectionFile(folder)), problem: null };
  } catch (error) {
    const text = (error as Error).message.replaceAll(`${folder}${sep}`, '');
    return { inspection: null, problem: `${text} Inspect the model to write it anew.` };
  }
}

/** Another text for another content of a file on a disk; undefined when it cannot be told. */
async function versionOf(file: vscode.Uri): Promise<string | undefined> {
  if (file.scheme !== 'file') return undefined;
  try {
    const { mtimeMs, size } = await stat(file.fsPath);
    return `${file.toString()} ${String(mtimeMs)} ${String(size)}`;
  } catch {
    return undefined;
  }
}
