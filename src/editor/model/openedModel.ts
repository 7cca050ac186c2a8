import type * as vscode from 'vscode';
import * as z from 'zod/mini';

const MEMENTO = 'permafrost.openedModel';
const remembered = z.object({ file: z.string(), time: z.number() });

/** What a window keeps over a reload: a part of `vscode.Memento`. */
export interface Keeper {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

/**
 * The checkpoint that names come from: opened by the user, or named by the config. Remembers when,
 * so that after a reload a newer inspection is told from an older one.
 */
export class OpenedModel {
  #file: vscode.Uri | undefined;
  #time = 0;
  /** As the config named it last. */
  #named: string | undefined;
  #byHand = false;

  constructor(private readonly memento: Keeper) {}

  /** Undefined when there is none. */
  get file(): vscode.Uri | undefined {
    return this.#file;
  }

  /** Milliseconds since 1970 at which it was opened; 0 when that is not known. */
  get time(): number {
    return this.#time;
  }

  /** Whether the user opened it in this window, and not the config alone names it. */
  get byHand(): boolean {
    return this.#byHand;
  }

  /** Begins with what the config of a folder names. */
  begin(named: vscode.Uri | undefined): void {
    const known = remembered.safeParse(this.memento.get(MEMENTO));
    const file = named?.toString();
    this.#named = file;
    this.#file = named;
    this.#byHand = false;
    this.#time = known.success && known.data.file === file ? known.data.time : 0;
  }

  /** Takes note that the user opens a file now. */
  async open(file: vscode.Uri): Promise<void> {
    this.#byHand = true;
    await this.#take(file);
  }

  /**
   * Follows the config.
   * @returns whether another file counts now
   */
  async follow(named: vscode.Uri | undefined): Promise<boolean> {
    const file = named?.toString();
    if (file === this.#named) return false;
    this.#named = file;
    if (file === this.#file?.toString()) return false;
    this.#byHand = false;
    if (named === undefined) this.#file = undefined;
    else await this.#take(named);
    return true;
  }

  async #take(file: vscode.Uri): Promise<void> {
    this.#file = file;
    this.#time = Date.now();
    await this.memento.update(MEMENTO, { file: file.toString(), time: this.#time });
  }
}
