import { isSeparator } from './patternSyntax';
import type { NamedTensor } from './tensor';

/** Which kinds of tensors a count or a cover is about. */
export type Kinds = 'all' | 'parameters' | 'statistics';

/** How many tensors there are, and how many of them are selected and still to be covered. */
export interface Count {
  total: number;
  selected: number;
  needed: number;
}

/** A part of the names, with everything below it. */
export interface NameNode {
  /** The part as in the name; empty for the root. */
  readonly part: string;
  /** The separator between this part and those below. */
  separator: string;
  readonly children: Map<string, NameNode>;
  /** Tensors whose name ends here; more than one when names differ in separators only. */
  readonly own: number[];
  /** Counts of what is below, without `own`. */
  readonly below: Readonly<Record<Kinds, Count>>;
}

const noCounts = (): Record<Kinds, Count> => ({
  all: { total: 0, selected: 0, needed: 0 },
  parameters: { total: 0, selected: 0, needed: 0 },
  statistics: { total: 0, selected: 0, needed: 0 },
});

const newNode = (part: string): NameNode => ({
  part,
  separator: '.',
  children: new Map(),
  own: [],
  below: noCounts(),
});

/** The kind of a tensor in the words of a rule. */
export const kindOf = (tensor: NamedTensor): 'parameters' | 'statistics' =>
  tensor.kind === 'parameter' ? 'parameters' : 'statistics';

/**
 * The tree of the primary names, with counts. Only branches with a needed tensor are there; the
 * counts are of all tensors.
 *
 * @param start number of the first tensor
 */
export function nameTree(
  tensors: readonly NamedTensor[],
  start: number,
  selected: ReadonlySet<number>,
  needed: ReadonlySet<number>,
): NameNode {
  const root = newNode('');
  tensors.forEach(({ name }, index) => {
    if (needed.has(start + index)) walk(root, name, true);
  });
  tensors.forEach((tensor, index) => {
    const number = start + index;
    const path = walk(root, tensor.name, false);
    for (const { below } of path.above) {
      for (const count of [below.all, below[kindOf(tensor)]]) {
        count.total += 1;
        if (selected.has(number)) count.selected += 1;
        if (needed.has(number)) count.needed += 1;
      }
    }
    path.end?.own.push(number);
  });
  return root;
}

/** Follows a name as far as there are nodes; `end` is the node of the whole name. */
function walk(
  root: NameNode,
  name: string,
  grow: boolean,
): { readonly above: readonly NameNode[]; readonly end: NameNode | undefined } {
  const above: NameNode[] = [];
  let node: NameNode | undefined = root;
  for (let from = 0; node && from <= name.length;) {
    let to = from;
    while (to < name.length && !isSeparator(name[to])) to += 1;
    const part = name.slice(from, to);
    above.push(node);
    let child: NameNode | undefined = node.children.get(part);
    if (!child && grow) {
      child = newNode(part);
      node.children.set(part, child);
    }
    if (grow && child?.children.size === 0) child.separator = name[to] ?? child.separator;
    node = child;
    from = to + 1;
  }
  return { above, end: node };
}
