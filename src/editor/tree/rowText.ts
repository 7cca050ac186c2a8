import type { NodeState } from './freezeState';
import { isGroup, type TreeNode } from './nodes';
import type { TensorInfo } from '../../model/inspection';
import { shapeText } from '../../model/shape';

/** What a row of the tree says. */
export interface RowText {
  readonly description: string;
  readonly tooltip: string;
  /** Read by screen readers in place of the label: it tells the state too. */
  readonly spoken: string;
  readonly checkbox: string;
}

/** The texts of a row. */
export function rowText(node: TreeNode, state: NodeState): RowText {
  const facts = isGroup(node) ? groupFacts(node.type, state) : leafFacts(node.tensors, state);
  const copy = node.kind === 'model' && node.model.copyOf !== undefined;
  const description = [...facts, ...(copy ? [`copy of ${node.model.copyOf ?? ''}`] : [])].join(
    ' · ',
  );
  const name = fullName(node);
  return {
    description,
    tooltip: isGroup(node) ? name : node.tensors.map(tensorLine).join('\n'),
    spoken: `${node.label}, ${frozenWord(state)}, ${description}`,
    checkbox: `Freeze ${name}`,
  };
}

/** The name as rules see it; for statistics that of their module with what they are. */
export function fullName(node: TreeNode): string {
  switch (node.kind) {
    case 'model':
      return node.model.name;
    case 'module':
      return node.path;
    case 'range':
      return [node.path, node.label].filter((part) => part !== '').join(' ');
    case 'parameter':
      return node.tensors[0]?.name ?? '';
    case 'statistics':
      return `${node.label} of ${node.tensors[0]?.module ?? ''}`;
  }
}

/** `950`, `12,345`, `1.2 M`. */
export function compactCount(count: number): string {
  if (count < 100_000) return count.toLocaleString('en');
  const compact = count.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 1 });
  return compact.replace(/(?=[KMBT]$)/, ' ');
}

/** Names of the same memory; the short name of a nested layer is no other tensor. */
export function tiedNames({ name, aliases = [] }: TensorInfo): readonly string[] {
  return aliases.filter((alias) => !name.endsWith(`/${alias}`) && !name.endsWith(`.${alias}`));
}

function groupFacts(type: string, state: NodeState): readonly string[] {
  const { tensors, frozen, epochs, elements } = state;
  const count =
    frozen === 0
      ? `${String(tensors)} ${tensors === 1 ? 'tensor' : 'tensors'}`
      : `${String(frozen)} of ${String(tensors)} frozen`;
  return [
    epochs === null ? count : `${count} ${epochs}`,
    compactCount(elements),
    ...(type === '' ? [] : [type]),
  ];
}

function leafFacts(tensors: readonly TensorInfo[], state: NodeState): readonly string[] {
  const [first] = tensors;
  if (first === undefined) return [];
  const shape = tensors.length === 1 ? shapeText(first) : `${String(tensors.length)} tensors`;
  const tied = tensors.flatMap(tiedNames);
  return [
    ...(state.frozen > 0 && state.epochs !== null ? [`frozen ${state.epochs}`] : []),
    shape,
    [...new Set(tensors.map(({ dtype }) => dtype))].join(', '),
    compactCount(state.elements),
    ...(tied.length === 0 ? [] : [`tied with ${tied.join(', ')}`]),
  ];
}

function frozenWord({ frozen, tensors }: NodeState): string {
  if (frozen === 0) return 'not frozen';
  return frozen === tensors ? 'frozen' : 'partly frozen';
}

function tensorLine(tensor: TensorInfo): string {
  const tied = tiedNames(tensor);
  const facts = [tensor.name, shapeText(tensor), tensor.dtype, tensor.type].filter(Boolean);
  return facts.join(' · ') + (tied.length === 0 ? '' : `\ntied with ${tied.join(', ')}`);
}
