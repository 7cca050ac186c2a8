import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as vscode from 'vscode';
import type { ConfigProblem } from '../../freeze/config';
import { DisposableStore } from '../disposables';
import type { Project } from '../project';
import { modelMissing } from './modelMissing';

/** Looks whether the checkpoint that the config names is there. */
export class ModelPathCheck implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  #problem: ConfigProblem | null = null;

  constructor(private readonly project: Project) {
    this.#store.add(project.onDidChange(() => void this.#check()));
  }

  /** Null when it is there, or none is named. */
  get problem(): ConfigProblem | null {
    return this.#problem;
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #check(): Promise<void> {
    const { state } = this.project.config;
    const model = state.parsed?.config?.model;
    const folder = this.project.folder.current?.uri.fsPath;
    const there = model === undefined || folder === undefined || (await exists(folder, model));
    if (state !== this.project.config.state) return;
    const before = this.#problem;
    this.#problem = there ? null : modelMissing(state.text ?? '', model);
    if (before !== null || this.#problem !== null) this.#changed.fire();
  }
}

async function exists(folder: string, model: string): Promise<boolean> {
  try {
    await stat(resolve(folder, model));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // What may not be looked at is told when it is opened.
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}
