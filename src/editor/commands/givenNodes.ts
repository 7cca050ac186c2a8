import * as z from 'zod/mini';
import type { TreeNode } from '../tree/nodes';

const tensor = z.object({ model: z.string(), name: z.string() });

/**
 * The nodes that a menu of the tree hands to its command: the row it was opened on, then all
 * selected rows when that row is one of them. Empty when the palette called.
 */
export function givenNodes([row, selected]: readonly unknown[]): readonly TreeNode[] {
  if (!isNode(row)) return [];
  return Array.isArray(selected) && selected.length > 0 ? selected.filter(isNode) : [row];
}

/** A tensor that the report asks for; undefined when it is none. */
export function asTensor(value: unknown): z.infer<typeof tensor> | undefined {
  const result = tensor.safeParse(value);
  return result.success ? result.data : undefined;
}

/** Only rows of our own tree come here, so a glance at their kind is enough. */
function isNode(value: unknown): value is TreeNode {
  return typeof value === 'object' && value !== null && 'kind' in value && 'model' in value;
}
