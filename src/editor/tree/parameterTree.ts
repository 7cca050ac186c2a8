import * as vscode from 'vscode';
import type { ConfigProblem } from '../../freeze/config';
import { ROWS, COMMANDS } from '../contributions';
import { DisposableStore } from '../disposables';
import type { Project } from '../project';
import { filterModels } from './filter';
import { changedNodes, evaluate, type NodeState, type TreeState } from './freezeState';
import { buildTree } from './moduleTree';
import { isGroup, isNorm, walk, type TreeNode } from './nodes';
import { rowText } from './rowText';

/** A first row that says why the tree cannot be edited. */
interface ProblemRow {
  readonly kind: 'problem';
  readonly id: string;
  readonly problem: ConfigProblem;
}

export type Row = TreeNode | ProblemRow;

/** A group is opened at first when it is one of few and holds groups itself. */
const FEW = 40;

/** Draws the models and what the config makes of them; the state is always the project's. */
export class ParameterTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #treeChanged = this.#store.add(new vscode.EventEmitter<Row[] | undefined>());
  readonly onDidChangeTreeData = this.#treeChanged.event;
  #roots: readonly TreeNode[] = [];
  #states: TreeState = new Map();
  #problem: ConfigProblem | null = null;
  #filter = '';

  constructor(
    private readonly project: Project,
    private readonly media: vscode.Uri,
  ) {
    this.#store.add(
      project.onDidChange(({ models }) => {
        if (models) this.#build();
        else this.#redraw();
      }),
    );
  }

  get filter(): string {
    return this.#filter;
  }

  /** The nodes at the top. */
  get roots(): readonly TreeNode[] {
    return this.#roots;
  }

  /**
   * Shows only the tensors that the filter lets through; an empty one shows all.
   * @throws PatternError, and then the tree stays as it is
   */
  setFilter(filter: string): void {
    filterModels([], filter);
    this.#filter = filter;
    this.#build();
  }

  /** Draws rows again, after a tick that was not taken over; all when none are given. */
  refresh(rows?: readonly Row[]): void {
    this.#treeChanged.fire(rows === undefined ? undefined : [...rows]);
  }

  /** What the config makes of a node. */
  stateOf(node: TreeNode): NodeState | undefined {
    return this.#states.get(node);
  }

  /** The node of a tensor, by any of its names; undefined when it is not shown. */
  find(model: string, name: string): TreeNode | undefined {
    for (const node of walk(this.#roots)) {
      if (isGroup(node) || node.model.name !== model) continue;
      if (node.tensors.some((each) => each.name === name || each.aliases?.includes(name))) {
        return node;
      }
    }
    return undefined;
  }

  getChildren(row?: Row): Row[] {
    if (row === undefined) {
      const problem: Row[] =
        this.#problem === null ? [] : [{ kind: 'problem', id: 'problem', problem: this.#problem }];
      return [...problem, ...this.#roots];
    }
    return row.kind !== 'problem' && isGroup(row) ? [...row.children] : [];
  }

  getParent(row: Row): Row | undefined {
    return row.kind === 'problem' ? undefined : (row.parent ?? undefined);
  }

  getTreeItem(row: Row): vscode.TreeItem {
    return row.kind === 'problem' ? problemItem(row) : this.#item(row);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #item(node: TreeNode): vscode.TreeItem {
    const state = this.#states.get(node) ?? { tensors: 0, frozen: 0, elements: 0, epochs: null };
    const frozen = state.frozen === state.tensors && state.tensors > 0;
    const text = rowText(node, state);
    const item = new vscode.TreeItem(node.label, this.#collapsibleState(node));
    item.id = node.id;
    item.description = text.description;
    item.tooltip = text.tooltip;
    item.iconPath = frozen ? this.#frozenIcon : isNorm(node) ? NORM_ICON : ICONS[node.kind];
    item.contextValue = isGroup(node) ? ROWS.group : ROWS.tensor;
    item.accessibilityInformation = { label: text.spoken, role: 'treeitem' };
    if (node.model.copyOf === undefined) {
      item.checkboxState = {
        state: frozen
          ? vscode.TreeItemCheckboxState.Checked
          : vscode.TreeItemCheckboxState.Unchecked,
        tooltip: text.checkbox,
        accessibilityInformation: { label: text.checkbox, role: 'checkbox' },
      };
    }
    return item;
  }

  get #frozenIcon(): { light: vscode.Uri; dark: vscode.Uri } {
    return {
      light: vscode.Uri.joinPath(this.media, 'frozen-light.svg'),
      dark: vscode.Uri.joinPath(this.media, 'frozen-dark.svg'),
    };
  }

  #collapsibleState(node: TreeNode): vscode.TreeItemCollapsibleState {
    if (!isGroup(node)) return vscode.TreeItemCollapsibleState.None;
    const first = node.kind === 'model' || (node.parent?.parent ?? null) === null;
    const open =
      this.#filter === ''
        ? first && node.children.length <= FEW && node.children.some(isGroup)
        : node.children.length <= FEW;
    return open
      ? vscode.TreeItemCollapsibleState.Expanded
      : vscode.TreeItemCollapsibleState.Collapsed;
  }

  #build(): void {
    const { models } = this.project.state;
    // Another prefix: VS Code remembers by id what was collapsed, and a filter is to show matches.
    const prefix = this.#filter === '' ? '' : `filter ${this.#filter}|`;
    this.#roots = buildTree(filterModels(models, this.#filter), prefix);
    this.#states = this.#evaluate();
    this.#problem = this.#configProblem();
    this.refresh();
  }

  #redraw(): void {
    const before = this.#states;
    const problem = this.#problem;
    this.#states = this.#evaluate();
    this.#problem = this.#configProblem();
    if (problem?.text !== this.#problem?.text || problem?.line !== this.#problem?.line) {
      this.refresh();
      return;
    }
    const changed = changedNodes(this.#roots, before, this.#states);
    if (changed.length > 0) this.refresh(changed);
  }

  #evaluate(): TreeState {
    return evaluate(
      this.#roots,
      new Map(this.project.state.plans.map((plan) => [plan.model, plan])),
    );
  }

  #configProblem(): ConfigProblem | null {
    const { parsed } = this.project.config.state;
    return parsed?.problems.find(({ severity }) => severity === 'error') ?? null;
  }
}

const ICONS: Readonly<Record<TreeNode['kind'], vscode.ThemeIcon>> = {
  model: new vscode.ThemeIcon('type-hierarchy'),
  module: new vscode.ThemeIcon('layers'),
  range: new vscode.ThemeIcon('ellipsis'),
  parameter: new vscode.ThemeIcon('symbol-numeric'),
  statistics: new vscode.ThemeIcon('graph-line'),
};

/** Of a layer that normalises by running statistics: what most freezing goes wrong with. */
const NORM_ICON = new vscode.ThemeIcon('pulse');

function problemItem({ problem }: ProblemRow): vscode.TreeItem {
  const item = new vscode.TreeItem(`permafrost.json:${String(problem.line)}: ${problem.text}`);
  item.id = 'problem';
  item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  item.tooltip = `${problem.text} ${problem.advice}`;
  item.command = { command: COMMANDS.openConfig, title: 'Open Config', arguments: [problem] };
  item.accessibilityInformation = {
    label: `Error in permafrost.json, line ${String(problem.line)}: ${problem.text}`,
  };
  return item;
}
