import type { ModelInfo, TensorInfo } from '../../model/inspection';
import { drawUp, type Draft } from './drafts';
import { RUNNING_STATISTICS, type GroupNode, type LeafNode, type TreeNode } from './nodes';

/**
 * Groups with more children are split: with very many under one node, VS Code loses clicks while
 * it refreshes them (measured at 100,000, none lost at 10,000).
 */
const MOST_CHILDREN = 2000;
const RANGE_SIZE = 1000;

type Base = Pick<TreeNode, 'id' | 'label' | 'model' | 'parent'>;

/**
 * The tree of modules and tensors, by the parts of the tensors' names. One root for each model
 * when there are several.
 * @param prefix begins every id; another prefix makes VS Code forget what was expanded
 */
export function buildTree(models: readonly ModelInfo[], prefix = ''): readonly TreeNode[] {
  const [only] = models;
  if (models.length === 1 && only !== undefined) {
    return childrenOf(drawUp(only.tensors), only, null, `${prefix}${only.name}|`);
  }
  return models.map((model, index) => {
    const id = `${prefix}${String(index)}:${model.name}|`;
    const base: Base = { id, label: model.name, model, parent: null };
    return group(base, 'model', '', model.className, (root) =>
      childrenOf(drawUp(model.tensors), model, root, id),
    );
  });
}

function childrenOf(
  draft: Draft,
  model: ModelInfo,
  parent: GroupNode | null,
  prefix: string,
): readonly TreeNode[] {
  if (draft.children.length <= MOST_CHILDREN) {
    return draft.children.map((child) => nodeOf(child, model, parent, prefix));
  }
  const ranges: TreeNode[] = [];
  for (let start = 0; start < draft.children.length; start += RANGE_SIZE) {
    const part = draft.children.slice(start, start + RANGE_SIZE);
    const id = `${prefix}r:${draft.path}:${String(start)}`;
    const label = `${labelOf(part[0])} … ${labelOf(part.at(-1))}`;
    const base: Base = { id, label, model, parent };
    ranges.push(
      group(base, 'range', draft.path, '', (range) =>
        part.map((child) => nodeOf(child, model, range, prefix)),
      ),
    );
  }
  return ranges;
}

function nodeOf(
  child: Draft['children'][number],
  model: ModelInfo,
  parent: GroupNode | null,
  prefix: string,
): TreeNode {
  const label = labelOf(child);
  switch (child.kind) {
    case 'module': {
      const base: Base = { id: `${prefix}m:${child.path}`, label, model, parent };
      return group(base, 'module', child.path, child.type, (node) =>
        childrenOf(child, model, node, prefix),
      );
    }
    case 'parameter': {
      const id = `${prefix}p:${child.tensor.name}`;
      return { kind: 'parameter', id, label, model, parent, tensors: [child.tensor] };
    }
    case 'statistics': {
      const id = `${prefix}s:${child.tensors[0]?.name ?? ''}`;
      const leaf: LeafNode = {
        kind: 'statistics',
        id,
        label,
        model,
        parent,
        tensors: child.tensors,
      };
      return leaf;
    }
  }
}

/** Children know their parent, so the parent has to be there first. */
function group(
  base: Base,
  kind: GroupNode['kind'],
  path: string,
  type: string,
  fill: (node: GroupNode) => readonly TreeNode[],
): GroupNode {
  const children: TreeNode[] = [];
  const node: GroupNode = { ...base, kind, path, type, children };
  for (const child of fill(node)) children.push(child);
  return node;
}

function labelOf(child: Draft['children'][number] | undefined): string {
  switch (child?.kind) {
    case undefined:
      return '';
    case 'module':
    case 'parameter':
      return child.label;
    case 'statistics':
      return statisticsLabel(child.tensors);
  }
}

/** Names of BatchNorm's statistics in TensorFlow.js (`moving_mean`) and PyTorch (`running_var`). */
function statisticsLabel(tensors: readonly TensorInfo[]): string {
  return tensors.some(({ name }) => /(moving|running)_[^./]*$/.test(name))
    ? RUNNING_STATISTICS
    : 'statistics';
}
