import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { parseConfig, type ParsedConfig } from '../../freeze/config';
import { configFile } from '../../runs/paths';
import type { ActiveFolder } from '../activeFolder';
import { debounce } from '../debounce';
import { DisposableStore } from '../disposables';
import { caughtUp } from './caughtUp';
import { minimalReplacement } from './minimalReplacement';

/** A pause in typing after which the tree follows. */
const TYPING_MILLISECONDS = 50;

export interface ConfigState {
  /** Undefined when no folder is open. */
  readonly uri: vscode.Uri | undefined;
  /** Null when there is no such file. */
  readonly text: string | null;
  /** Null exactly when `text` is. */
  readonly parsed: ParsedConfig | null;
}

const NONE: ConfigState = { uri: undefined, text: null, parsed: null };

/**
 * permafrost.json of the active folder, the one place that reads and edits it. The open document
 * counts, with what is not saved yet; else the file.
 */
export class ConfigDocument implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  /** The text changed, by whomever. */
  readonly onDidChange = this.#changed.event;
  readonly #typing = this.#store.add(debounce(() => void this.refresh(), TYPING_MILLISECONDS));
  #state: ConfigState = NONE;
  #watcher: vscode.Disposable | undefined;
  #edits: Promise<unknown> = Promise.resolve();

  constructor(private readonly folder: ActiveFolder) {
    const documentChanged = (document: vscode.TextDocument): void => {
      if (this.#isConfig(document)) this.#typing.schedule();
    };
    this.#store.add(folder.onDidChange(() => void this.#folderChanged()));
    this.#store.add(
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        documentChanged(document);
      }),
    );
    this.#store.add(vscode.workspace.onDidOpenTextDocument(documentChanged));
    this.#store.add(vscode.workspace.onDidCloseTextDocument(documentChanged));
  }

  get state(): ConfigState {
    return this.#state;
  }

  /** Starts to watch, and reads the file. */
  async start(): Promise<void> {
    await this.#folderChanged();
  }

  /** Reads document or file again, and tells when the text is another. */
  async refresh(): Promise<void> {
    const uri = this.#uri();
    const text = uri === undefined ? null : await this.#read(uri);
    if (uri?.toString() === this.#uri()?.toString()) this.#take(uri, text);
  }

  /**
   * Changes the text by one undoable edit. It is saved when the document had no unsaved edits of
   * the user. Edits wait for each other.
   * @throws Error when there is no folder, or the file cannot be written
   */
  async edit(change: (text: string) => string): Promise<void> {
    const next = this.#edits.then(() => this.#edit(change));
    this.#edits = next.catch(() => undefined);
    await next;
  }

  /**
   * Writes a new file unless there is one.
   * @throws Error when there is no folder, or the file cannot be written
   */
  async create(text: string): Promise<void> {
    const uri = this.#uri();
    if (uri === undefined) throw new Error('No folder is open.');
    if ((await this.#read(uri)) === null) {
      await vscode.workspace.fs.writeFile(uri, Buffer.from(text));
    }
    await this.refresh();
  }

  /**
   * Opens the document ahead of the first edit: VS Code then starts its JSON support, which would
   * hold up the first tick by half a second.
   */
  async warmUp(): Promise<void> {
    const { uri, text } = this.#state;
    if (uri !== undefined && text !== null) await vscode.workspace.openTextDocument(uri);
  }

  /** Saves what is not saved yet. False when it could not be saved. */
  async save(): Promise<boolean> {
    const document = this.#open();
    return document === undefined || !document.isDirty || (await document.save());
  }

  dispose(): void {
    this.#watcher?.dispose();
    this.#store.dispose();
  }

  async #edit(change: (text: string) => string): Promise<void> {
    const uri = this.#uri();
    if (uri === undefined) throw new Error('No folder is open.');
    const document = await vscode.workspace.openTextDocument(uri);
    await caughtUp(document, () => this.#read(uri));
    const wasDirty = document.isDirty;
    const before = document.getText();
    const replacement = minimalReplacement(before, change(before));
    if (replacement === null) return;
    const edit = new vscode.WorkspaceEdit();
    const { offset, length, text } = replacement;
    const range = new vscode.Range(
      document.positionAt(offset),
      document.positionAt(offset + length),
    );
    edit.replace(uri, range, text);
    if (!(await vscode.workspace.applyEdit(edit))) {
      throw new Error(`${uri.fsPath} could not be edited.`);
    }
    // The tree is drawn while the file is written.
    const saved = wasDirty ? Promise.resolve(true) : document.save();
    this.#take(uri, document.getText());
    if (!(await saved)) {
      throw new Error(`${uri.fsPath} could not be saved; the edit is in its editor.`);
    }
  }

  #take(uri: vscode.Uri | undefined, text: string | null): void {
    const same = text === this.#state.text && uri?.toString() === this.#state.uri?.toString();
    if (same) return;
    this.#state = { uri, text, parsed: text === null ? null : parseConfig(text) };
    this.#changed.fire();
  }

  async #folderChanged(): Promise<void> {
    this.#watcher?.dispose();
    const { current } = this.folder;
    if (current !== undefined) {
      const watcher = vscode.workspace.createFileSystemWatcher(
        new vscode.RelativePattern(current, 'permafrost.json'),
      );
      const schedule = (): void => {
        this.#typing.schedule();
      };
      watcher.onDidChange(schedule);
      watcher.onDidCreate(schedule);
      watcher.onDidDelete(schedule);
      this.#watcher = watcher;
    }
    await this.refresh();
  }

  #uri(): vscode.Uri | undefined {
    const { current } = this.folder;
    return current && vscode.Uri.file(configFile(current.uri.fsPath));
  }

  #isConfig(document: vscode.TextDocument): boolean {
    return document.uri.toString() === this.#uri()?.toString();
  }

  #open(): vscode.TextDocument | undefined {
    return vscode.workspace.textDocuments.find((each) => this.#isConfig(each) && !each.isClosed);
  }

  async #read(uri: vscode.Uri): Promise<string | null> {
    const document = this.#open();
    // A clean document can lag behind a change on the disk; a dirty one is what the user sees.
    if (document?.isDirty === true) return document.getText();
    try {
      return await readFile(uri.fsPath, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      throw error;
    }
  }
}
