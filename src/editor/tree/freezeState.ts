import type { FrozenSpan, ModelPlan } from '../../freeze/plan';
import type { TensorInfo } from '../../model/inspection';
import { elementCount } from '../../model/shape';
import { isGroup, type TreeNode } from './nodes';

/** What the config makes of the tensors of a node and of all below it. */
export interface NodeState {
  readonly tensors: number;
  /** How many of them are frozen in some epoch. */
  readonly frozen: number;
  readonly elements: number;
  /** The epochs in words, when all frozen tensors share them and it is not all epochs. */
  readonly epochs: string | null;
}

export type TreeState = ReadonlyMap<TreeNode, NodeState>;

/** The state of every node. */
export function evaluate(
  roots: readonly TreeNode[],
  plans: ReadonlyMap<string, ModelPlan>,
): TreeState {
  const states = new Map<TreeNode, NodeState>();
  const visit = (node: TreeNode): NodeState => {
    let state = EMPTY;
    if (isGroup(node)) for (const child of node.children) state = sum(state, visit(child));
    else state = leafState(node.tensors, plans.get(node.model.name));
    states.set(node, state);
    return state;
  };
  roots.forEach(visit);
  return states;
}

/** The topmost nodes that look different now: refreshing a node refreshes all below it. */
export function changedNodes(
  roots: readonly TreeNode[],
  before: TreeState,
  after: TreeState,
): readonly TreeNode[] {
  return roots.flatMap((node) => {
    if (!equal(before.get(node), after.get(node))) return [node];
    return isGroup(node) ? changedNodes(node.children, before, after) : [];
  });
}

/** `until 5`, `from 3`, `in 2–4`, `from 3, until 1`; null for all epochs. */
export function epochsText(spans: readonly FrozenSpan[]): string | null {
  const [first] = spans;
  if (spans.length === 1 && first?.from === 1 && first.until === null) return null;
  return spans
    .map(({ from, until }) => {
      if (until === null) return `from ${String(from)}`;
      if (from === 1) return `until ${String(until)}`;
      return from === until ? `in ${String(from)}` : `in ${String(from)}–${String(until)}`;
    })
    .join(', ');
}

const EMPTY: NodeState = { tensors: 0, frozen: 0, elements: 0, epochs: null };
/** Of a group whose tensors are frozen in different epochs. */
const DIFFERENT = 'in some epochs';

function leafState(tensors: readonly TensorInfo[], plan: ModelPlan | undefined): NodeState {
  let state = EMPTY;
  for (const tensor of tensors) {
    const spans = plan?.spans.get(tensor.name);
    state = sum(state, {
      tensors: 1,
      frozen: spans === undefined ? 0 : 1,
      elements: elementCount(tensor),
      epochs: spans === undefined ? null : epochsText(spans),
    });
  }
  return state;
}

function sum(a: NodeState, b: NodeState): NodeState {
  if (a === EMPTY) return b;
  return {
    tensors: a.tensors + b.tensors,
    frozen: a.frozen + b.frozen,
    elements: a.elements + b.elements,
    epochs: sharedEpochs(a, b),
  };
}

function sharedEpochs(a: NodeState, b: NodeState): string | null {
  if (a.frozen === 0) return b.epochs;
  if (b.frozen === 0 || a.epochs === b.epochs) return a.epochs;
  return DIFFERENT;
}

function equal(a: NodeState | undefined, b: NodeState | undefined): boolean {
  return a?.frozen === b?.frozen && a?.epochs === b?.epochs;
}
