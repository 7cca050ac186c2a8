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

/** The tree of the primary names of some tensors, with counts. */
export function nameTree(
  tensors: readonly NamedTensor[],
  start: number,
  selected: ReadonlySet<number>,
  needed: ReadonlySet<number>,
): NameNode {
  const root = newNode('');
  tensors.forEach((tensor, index) => {
    const number = start + index;
    const kind = kindOf(tensor);
    const isSelected = selected.has(number) ? 1 : 0;
    const isNeeded = needed.has(number) ? 1 : 0;
    let node = root;
    const pieces = tensor.name.split(/([./])/);
    for (let at = 0; at < pieces.length; at += 2) {
      for (const count of [node.below.all, node.below[kind]]) {
        count.total += 1;
        count.selected += isSelected;
        count.needed += isNeeded;
      }
      const part = pieces[at] ?? '';
      let child = node.children.get(part);
      if (!child) node.children.set(part, (child = newNode(part)));
      node = child;
      const separator = pieces[at + 1];
      if (separator !== undefined && node.children.size === 0) node.separator = separator;
    }
    node.own.push(number);
  });
  return root;
}
