import * as vscode from 'vscode';
import { addRule, thawAll, trainOnly } from '../../freeze/edit';
import type { CommandHandlers } from '../contributions';
import type { FreezeActions } from '../freezeActions';
import type { Project } from '../project';
import { isGroup, tensorsOf, type TreeNode } from '../tree/nodes';
import type { ParameterTree } from '../tree/parameterTree';
import type { ParameterView } from '../tree/parameterView';
import { freezeEarlyNorms } from './freezeEarlyNorms';
import { asTensor, givenNodes } from './givenNodes';
import { nodeItems, pickNode, pickNodes } from './pickNodes';
import { promptFilter } from './promptFilter';
import { promptPattern } from './promptPattern';

type TreeCommands = Pick<
  CommandHandlers,
  | 'freezeByPattern'
  | 'trainOnly'
  | 'freezeBatchNorm'
  | 'freezeEarlyBatchNorm'
  | 'thawAll'
  | 'freezeSelected'
  | 'thawSelected'
  | 'toggleSelected'
  | 'filter'
  | 'clearFilter'
  | 'revealInTree'
  | 'copyName'
>;

/** Freezes what BatchNorm keeps of the data it saw, in both frameworks' class names. */
const BATCH_NORM_RULE = { match: '**', type: '*BatchNorm*', tensors: 'statistics' };

/** The commands on the tree; its rows hand themselves and the selection, the palette nothing. */
export function treeCommands(
  project: Project,
  tree: ParameterTree,
  view: ParameterView,
  actions: FreezeActions,
): TreeCommands {
  const freeze = async (freezing: boolean, args: readonly unknown[]): Promise<void> => {
    const given = givenNodes(args);
    const title = freezing ? 'Freeze' : 'Thaw';
    const candidates = (node: TreeNode): boolean => {
      const { frozen = 0, tensors = 0 } = tree.stateOf(node) ?? {};
      return freezing ? frozen < tensors : frozen > 0;
    };
    const nodes = given.length > 0 ? given : await pickNodes(title, nodeItems(tree, candidates));
    await view.freeze(nodes, freezing);
  };
  const filter = (text: string): void => {
    tree.setFilter(text);
    view.updateHead();
  };
  return {
    freezeSelected: (...args) => freeze(true, args),
    thawSelected: (...args) => freeze(false, args),
    toggleSelected: () => view.toggleSelection(),
    freezeByPattern: async () => {
      const pattern = await promptPattern('Freeze by Pattern', 'frozen', project.trained);
      if (pattern !== undefined) await actions.apply((text) => addRule(text, pattern));
    },
    trainOnly: async () => {
      const pattern = await promptPattern('Train Only', 'trained', project.trained);
      if (pattern === undefined) return;
      await actions.apply((text, models) => trainOnly(text, models, [pattern.replace(/^!/, '')]));
    },
    freezeBatchNorm: async () => {
      await actions.apply((text) => addRule(text, BATCH_NORM_RULE));
    },
    freezeEarlyBatchNorm: () => freezeEarlyNorms(project, actions),
    thawAll: async () => {
      await actions.apply(thawAll);
    },
    filter: () => promptFilter(tree.filter, filter),
    clearFilter: () => {
      filter('');
    },
    revealInTree: async (target) => {
      const tensor = asTensor(target);
      if (tensor === undefined) {
        const node = await pickNode(
          'Reveal in Tree',
          nodeItems(tree, () => true),
        );
        if (node !== undefined) await view.revealNode(node);
        return;
      }
      if (tree.filter !== '') filter('');
      if (await view.reveal(tensor.model, tensor.name)) return;
      void vscode.window.showInformationMessage(
        `${tensor.name} is not in the tree. Inspect the model to show the tensors it has now.`,
      );
    },
    copyName: async (...args) => {
      const items = nodeItems(tree, (node) => !isGroup(node));
      const given = givenNodes(args);
      const nodes = given.length > 0 ? given : await pickNodes('Copy Tensor Name', items);
      const names = nodes.flatMap((node) => tensorsOf(node).map(({ name }) => name));
      if (names.length > 0) await vscode.env.clipboard.writeText(names.join('\n'));
    },
  };
}
