import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { CheckpointListing } from '../../model/checkpoint/listing';
import type { RunState } from '../../runs/state';
import { COMPARISON_VIEW_TYPE, EDITORS } from '../contributions';
import { DisposableStore } from '../disposables';
import type { CheckpointDeps } from './checkpointDeps';
import type * as Parts from './checkpointParts';

const persisted = z.object({ runId: z.string() });

/** The editors of checkpoint files and the comparisons that are open; brings both back on reload. */
export class Checkpoints
  implements vscode.Disposable, vscode.CustomReadonlyEditorProvider, vscode.WebviewPanelSerializer
{
  readonly #store = new DisposableStore();
  readonly #open = new Map<string, Parts.ComparisonPanel>();

  constructor(private readonly deps: CheckpointDeps) {
    for (const viewType of Object.values(EDITORS)) {
      const options = { supportsMultipleEditorsPerDocument: true };
      this.#store.add(vscode.window.registerCustomEditorProvider(viewType, this, options));
    }
    this.#store.add(vscode.window.registerWebviewPanelSerializer(COMPARISON_VIEW_TYPE, this));
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  async resolveCustomEditor(
    { uri }: vscode.CustomDocument,
    panel: vscode.WebviewPanel,
  ): Promise<void> {
    const { CheckpointEditor } = await loadParts();
    const editor = new CheckpointEditor(panel, uri, this.deps);
    panel.onDidDispose(() => {
      editor.dispose();
    });
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const parts = await loadParts();
    const kept = persisted.safeParse(state);
    const subject = kept.success ? parts.readSubject(kept.data.runId) : undefined;
    if (subject === undefined) panel.dispose();
    else this.#adopt(panel, subject, parts);
  }

  /** Compares the given files and folders, and asks for what is missing. Tells errors. */
  async compare(given: readonly vscode.Uri[]): Promise<void> {
    const parts = await loadParts();
    await this.#choose(parts, () => parts.chooseFiles(given, this.deps.project));
  }

  /** Asks for the checkpoints that a run began and ended with, and compares them. Tells errors. */
  async compareRun(run: RunState): Promise<void> {
    const parts = await loadParts();
    await this.#choose(parts, () => parts.chooseOfRun(run, this.deps.project));
  }

  dispose(): void {
    this.#store.dispose();
    for (const panel of this.#open.values()) panel.dispose();
    this.#open.clear();
  }

  async #choose(
    parts: typeof Parts,
    ask: () => Promise<Parts.ComparisonSubject | undefined>,
  ): Promise<void> {
    try {
      const subject = await ask();
      if (subject !== undefined) await this.#show(subject, parts);
    } catch (error) {
      this.deps.log.error(error, 'The checkpoints cannot be compared');
    }
  }

  async #show(subject: Parts.ComparisonSubject, parts: typeof Parts): Promise<void> {
    const known = this.#open.get(parts.writeSubject(subject));
    if (known !== undefined) {
      known.reveal();
      await known.compare();
      return;
    }
    const column = vscode.window.activeTextEditor?.viewColumn ?? vscode.ViewColumn.Active;
    const panel = vscode.window.createWebviewPanel(COMPARISON_VIEW_TYPE, 'Comparison', column);
    this.#adopt(panel, subject, parts);
  }

  #adopt(
    panel: vscode.WebviewPanel,
    subject: Parts.ComparisonSubject,
    { ComparisonPanel, writeSubject }: typeof Parts,
  ): void {
    const key = writeSubject(subject);
    const comparison = new ComparisonPanel(panel, subject, this.deps);
    this.#open.set(key, comparison);
    panel.onDidDispose(() => {
      comparison.dispose();
      if (this.#open.get(key) === comparison) this.#open.delete(key);
    });
  }
}

/**
 * Reads what is in a checkpoint, without running anything of it.
 * @throws CheckpointError with file and place; vscode.CancellationError
 */
export async function listCheckpoint(
  uri: vscode.Uri,
  extensionUri: vscode.Uri,
): Promise<CheckpointListing> {
  return (await loadParts()).listCheckpoint(uri, extensionUri);
}

/** Lets the user pick a checkpoint file from a dialog. */
export async function pickFile(
  folder: vscode.WorkspaceFolder | undefined,
): Promise<vscode.Uri | undefined> {
  const { DIALOG_FILTERS } = await loadParts();
  const picked = await vscode.window.showOpenDialog({
    title: 'Open Checkpoint',
    ...(folder && { defaultUri: folder.uri }),
    filters: DIALOG_FILTERS,
  });
  return picked?.[0];
}

function loadParts(): Promise<typeof Parts> {
  return import('./checkpointParts');
}
