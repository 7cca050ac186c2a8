import * as vscode from 'vscode';
import { editFreeze } from '../../freeze/edit';
import { CONTEXT_KEYS, VIEWS } from '../contributions';
import { DisposableStore } from '../disposables';
import type { FreezeActions } from '../freezeActions';
import type { Project } from '../project';
import { tensorsOf, type TreeNode } from './nodes';
import type { ParameterTree, Row } from './parameterTree';
import { frozenShare } from './frozenShare';

/** The view "Parameters": its checkboxes, selection and head. */
export class ParameterView implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #view: vscode.TreeView<Row>;
  #moved = 0;
  #warm = false;

  constructor(
    private readonly project: Project,
    private readonly tree: ParameterTree,
    private readonly actions: FreezeActions,
  ) {
    this.#view = this.#store.add(
      vscode.window.createTreeView<Row>(VIEWS.parameters, {
        treeDataProvider: tree,
        canSelectMany: true,
        showCollapseAll: true,
        // Children that were never opened would not follow their parent otherwise.
        manageCheckboxStateManually: true,
      }),
    );
    this.#store.add(this.#view.onDidChangeCheckboxState(({ items }) => void this.#ticked(items)));
    this.#store.add(
      project.onDidChange(() => {
        this.updateHead();
        this.#warmUp();
      }),
    );
    this.#store.add(
      this.#view.onDidChangeVisibility(() => {
        this.#warmUp();
      }),
    );
    this.#store.add(
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.updateHead();
      }),
    );
    this.updateHead();
  }

  /** The selected nodes. */
  get selection(): readonly TreeNode[] {
    return nodesOf(this.#view.selection);
  }

  /** Shows how many frozen tensors moved in the last run. */
  showMoved(count: number): void {
    if (count === this.#moved) return;
    this.#moved = count;
    this.#view.badge =
      count === 0
        ? undefined
        : {
            value: count,
            tooltip: `${String(count)} frozen ${count === 1 ? 'tensor' : 'tensors'} moved`,
          };
  }

  /** Freezes the nodes, or thaws them. */
  async freeze(nodes: readonly TreeNode[], freeze: boolean): Promise<void> {
    const selection = nodes.flatMap((node) =>
      node.model.copyOf === undefined
        ? tensorsOf(node).map(({ name }) => ({ model: node.model.name, name }))
        : [],
    );
    if (selection.length === 0) return;
    const done = await this.actions.apply((text, models) =>
      editFreeze(text, models, selection, freeze),
    );
    // VS Code has drawn the tick already.
    if (!done) this.tree.refresh();
  }

  /** Freezes the selection unless it is frozen as a whole; then thaws it. */
  async toggleSelection(): Promise<void> {
    const nodes = this.selection;
    const frozen = nodes.every((node) => {
      const state = this.tree.stateOf(node);
      return state !== undefined && state.frozen === state.tensors;
    });
    await this.freeze(nodes, !frozen);
  }

  /** Selects the node of a tensor. False when the tree does not show it. */
  async reveal(model: string, name: string): Promise<boolean> {
    const node = this.tree.find(model, name);
    if (node === undefined) return false;
    await this.revealNode(node);
    return true;
  }

  /** Selects a node, opening what is above it. */
  async revealNode(node: TreeNode): Promise<void> {
    await this.#view.reveal(node, { select: true, focus: true });
  }

  /** Draws title, message and context keys again. */
  updateHead(): void {
    const { source, state } = this.project;
    const { filter } = this.tree;
    // A message hides the welcome text of an empty tree, which says the same and has the buttons.
    const facts = [
      ...(vscode.workspace.isTrusted || state.models.length === 0
        ? []
        : ['Restricted Mode: parameters can be read, nothing is run until you trust this folder.']),
      ...(source.state.problem === null ? [] : [source.state.problem]),
      ...(filter === ''
        ? []
        : [`Filter: ${filter}${this.tree.roots.length === 0 ? ' (no match)' : ''}`]),
    ];
    this.#view.message = facts.join('\n');
    this.#view.description = frozenShare(state.models, state.plans) ?? '';
    setContext(CONTEXT_KEYS.hasConfig, this.project.config.state.text !== null);
    setContext(CONTEXT_KEYS.hasModel, state.models.length > 0);
    setContext(CONTEXT_KEYS.filtered, filter !== '');
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Prepares for the first tick, once there is something to tick. */
  #warmUp(): void {
    if (this.#warm || !this.#view.visible || this.project.state.models.length === 0) return;
    this.#warm = true;
    void this.project.config.warmUp();
  }

  async #ticked(items: readonly (readonly [Row, vscode.TreeItemCheckboxState])[]): Promise<void> {
    const [first] = items;
    if (first === undefined) {
      // Under a refresh of very many rows VS Code tells of a tick without its row.
      this.tree.refresh();
      return;
    }
    const clicked = nodesOf(items.map(([row]) => row));
    const selected = this.selection;
    const several = selected.length > 1 && clicked.every((node) => selected.includes(node));
    await this.freeze(
      several ? selected : clicked,
      first[1] === vscode.TreeItemCheckboxState.Checked,
    );
  }
}

function nodesOf(rows: readonly Row[]): readonly TreeNode[] {
  return rows.filter((row) => row.kind !== 'problem');
}

function setContext(key: string, value: boolean): void {
  void vscode.commands.executeCommand('setContext', key, value);
}
