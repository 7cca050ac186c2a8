import * as vscode from 'vscode';
import { configFile } from '../runs/paths';
import { DisposableStore } from './disposables';

const MEMENTO = 'permafrost.folder';

/**
 * The workspace folder that all views show. In a window with several folders it is the one last
 * picked, else the first that has a permafrost.json, else the first.
 */
export class ActiveFolder implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  #current: vscode.WorkspaceFolder | undefined;

  constructor(private readonly memento: vscode.Memento) {
    this.#current = this.#remembered() ?? folders()[0];
    this.#store.add(
      vscode.workspace.onDidChangeWorkspaceFolders(() => void this.#foldersChanged()),
    );
  }

  /** Undefined when no folder is open. */
  get current(): vscode.WorkspaceFolder | undefined {
    return this.#current;
  }

  /** Looks for the folder with a config when none was ever picked; not needed for one folder. */
  async settle(): Promise<void> {
    if (folders().length < 2 || this.#remembered() !== undefined) return;
    for (const folder of folders()) {
      if (await exists(vscode.Uri.file(configFile(folder.uri.fsPath)))) {
        this.#set(folder);
        return;
      }
    }
  }

  /** Lets the user pick a folder. */
  async pick(): Promise<void> {
    const picked = await vscode.window.showWorkspaceFolderPick({
      placeHolder: 'Folder whose training command and parameters are shown',
    });
    if (picked !== undefined) await this.select(picked);
  }

  /** Makes `folder` the active one and remembers it. */
  async select(folder: vscode.WorkspaceFolder): Promise<void> {
    this.#set(folder);
    await this.memento.update(MEMENTO, folder.uri.toString());
  }

  dispose(): void {
    this.#store.dispose();
  }

  #remembered(): vscode.WorkspaceFolder | undefined {
    const uri = this.memento.get<string>(MEMENTO);
    return folders().find((folder) => folder.uri.toString() === uri);
  }

  async #foldersChanged(): Promise<void> {
    const open = folders().some(({ uri }) => uri.toString() === this.#current?.uri.toString());
    if (!open) this.#set(this.#remembered() ?? folders()[0]);
    await this.settle();
  }

  #set(folder: vscode.WorkspaceFolder | undefined): void {
    if (folder?.uri.toString() === this.#current?.uri.toString()) return;
    this.#current = folder;
    this.#changed.fire();
  }
}

/** Only folders on a disk: the hook runs there, and everything is read through paths. */
function folders(): readonly vscode.WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
