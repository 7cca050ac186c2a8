import type { ModelInfo, TensorInfo } from '../../model/inspection';

interface NodeBase {
  /** Stable over refreshes and unique in the tree. */
  readonly id: string;
  readonly label: string;
  readonly model: ModelInfo;
  /** Null at the top. */
  readonly parent: GroupNode | null;
}

/** A model, a module, or a part of a group that has too many children. */
export interface GroupNode extends NodeBase {
  readonly kind: 'model' | 'module' | 'range';
  /** Full name of the module; empty for a model. */
  readonly path: string;
  /** Class of the module or model; empty when unknown. */
  readonly type: string;
  readonly children: readonly TreeNode[];
}

/** A parameter, or the statistics of one module, which freeze together. */
export interface LeafNode extends NodeBase {
  readonly kind: 'parameter' | 'statistics';
  readonly tensors: readonly TensorInfo[];
}

/** Label of the row of BatchNorm's mean and variance. */
export const RUNNING_STATISTICS = 'running statistics';

export type TreeNode = GroupNode | LeafNode;

export function isGroup(node: TreeNode): node is GroupNode {
  return 'children' in node;
}

/** Whether a node is a layer with running statistics: BatchNorm and its like. */
export function isNorm(node: TreeNode): boolean {
  return (
    node.kind === 'module' &&
    node.children.some(({ kind, label }) => kind === 'statistics' && label === RUNNING_STATISTICS)
  );
}

/** The tensors of a node and of all below it. */
export function tensorsOf(node: TreeNode): readonly TensorInfo[] {
  return isGroup(node) ? node.children.flatMap(tensorsOf) : node.tensors;
}

/** All nodes, parents before their children. */
export function* walk(nodes: readonly TreeNode[]): Iterable<TreeNode> {
  for (const node of nodes) {
    yield node;
    if (isGroup(node)) yield* walk(node.children);
  }
}
