import * as vscode from 'vscode';
import type { ParameterTree } from '../tree/parameterTree';
import { isGroup, walk, type TreeNode } from '../tree/nodes';
import { fullName, rowText } from '../tree/rowText';

interface NodeItem extends vscode.QuickPickItem {
  readonly node: TreeNode;
}

/** The tree's nodes in a list, for the keyboard. */
export function nodeItems(
  tree: ParameterTree,
  accept: (node: TreeNode) => boolean,
): readonly NodeItem[] {
  return [...walk(tree.roots)].filter(accept).map((node) => {
    const state = tree.stateOf(node);
    return {
      node,
      label: fullName(node),
      description: state === undefined ? '' : rowText(node, state).description,
      iconPath: new vscode.ThemeIcon(isGroup(node) ? 'layers' : 'symbol-numeric'),
    };
  });
}

/** Lets the user pick nodes; empty when none is picked. */
export async function pickNodes(
  title: string,
  items: readonly NodeItem[],
): Promise<readonly TreeNode[]> {
  const picked = await vscode.window.showQuickPick([...items], {
    title,
    canPickMany: true,
    matchOnDescription: true,
    placeHolder: 'Modules and tensors',
  });
  return (picked ?? []).map(({ node }) => node);
}

/** Lets the user pick one node. */
export async function pickNode(
  title: string,
  items: readonly NodeItem[],
): Promise<TreeNode | undefined> {
  const picked = await vscode.window.showQuickPick([...items], { title, matchOnDescription: true });
  return picked?.node;
}
