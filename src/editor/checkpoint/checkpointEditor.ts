import * as vscode from 'vscode';
import type { CheckpointListing } from '../../model/checkpoint/listing';
import { checkpointView } from '../../runs/report/checkpointView';
import { plainView } from '../../runs/report/plainView';
import type { ReportRequest } from '../report/reportWebview';
import type { ReportView } from '../../runs/report/reportView';
import { COMMANDS } from '../contributions';
import { debounce } from '../debounce';
import { DisposableStore } from '../disposables';
import type { CheckpointDeps } from './checkpointDeps';
import { listCheckpoint } from './listCheckpoint';
import { ViewPanel } from './viewPanel';

/** A pause after which a file that is being written is read again. */
const SETTLE_MILLISECONDS = 500;

/** A checkpoint in an editor tab: what is in it, and what the rules make of it. */
export class CheckpointEditor implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #closed = this.#store.add(new vscode.CancellationTokenSource());
  readonly #panel: ViewPanel;
  #listing: CheckpointListing | null = null;

  constructor(
    panel: vscode.WebviewPanel,
    private readonly file: vscode.Uri,
    private readonly deps: CheckpointDeps,
  ) {
    const view = this.#plain('running', 'Reading…', '');
    this.#panel = this.#store.add(
      new ViewPanel(panel, deps.extensionUri, file.toString(), view, (message) =>
        this.#handle(message),
      ),
    );
    this.#store.add(
      deps.project.config.onDidChange(() => {
        if (this.#listing !== null) this.#panel.update(this.#view(this.#listing));
      }),
    );
    this.#watch();
    void this.#read();
  }

  dispose(): void {
    this.#closed.cancel();
    this.#store.dispose();
  }

  /** A training may write the file anew. */
  #watch(): void {
    const again = this.#store.add(debounce(() => void this.#read(), SETTLE_MILLISECONDS));
    const folder = vscode.Uri.joinPath(this.file, '..');
    const name = this.file.path.slice(this.file.path.lastIndexOf('/') + 1);
    const watcher = this.#store.add(
      vscode.workspace.createFileSystemWatcher(
        // Brackets would be a class of characters in the pattern.
        new vscode.RelativePattern(folder, name.replace(/[[\]{}*?]/g, '?')),
      ),
    );
    const changed = ({ path }: vscode.Uri): void => {
      if (path === this.file.path) again.schedule();
    };
    this.#store.add(watcher.onDidChange(changed));
    this.#store.add(watcher.onDidCreate(changed));
  }

  async #read(): Promise<void> {
    const { token } = this.#closed;
    try {
      this.#listing = await listCheckpoint(this.file, this.deps.extensionUri, token);
      this.#panel.show(this.#view(this.#listing));
    } catch (error) {
      if (token.isCancellationRequested) return;
      this.#listing = null;
      this.#panel.show(this.#failure(error));
    }
  }

  #view(listing: CheckpointListing): ReportView {
    return checkpointView(listing, this.deps.project.config.state.parsed?.config ?? null);
  }

  #failure(error: unknown): ReportView {
    if (error instanceof vscode.CancellationError) {
      return this.#plain('not verified', 'Not read', 'It was cancelled.');
    }
    const text = error instanceof Error ? error.message : String(error);
    return this.#plain('moved', 'This checkpoint cannot be read', text);
  }

  #plain(tone: ReportView['head']['tone'], headline: string, detail: string): ReportView {
    const subject = this.file.path.slice(this.file.path.lastIndexOf('/') + 1);
    return plainView({ kind: 'checkpoint', subject, tone, headline, detail });
  }

  async #handle(message: ReportRequest): Promise<void> {
    switch (message.type) {
      case 'openInTree':
        await this.deps.openInTree(this.file);
        return;
      case 'compareWith':
        await vscode.commands.executeCommand(COMMANDS.compareCheckpoints, this.file);
        return;
      case 'openConfig':
        await this.deps.openConfigAtRule('', message.rule);
        return;
      case 'revealTensor': {
        const model = this.#listing?.models[message.model];
        const name = model?.tensors[message.row]?.name;
        if (model === undefined || name === undefined) return;
        if (!(await this.deps.openInTree(this.file))) return;
        await vscode.commands.executeCommand(COMMANDS.revealInTree, { model: model.name, name });
        return;
      }
      case 'openCause':
      case 'applyRules':
      case 'useCache':
      case 'setUpEngine':
      case 'copyMarkdown':
      case 'exportHtml':
      case 'openRunFolder':
        // A checkpoint has no such buttons.
        return;
    }
  }
}
