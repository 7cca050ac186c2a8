import { findNodeAtLocation, parseTree, type Node } from 'jsonc-parser';
import type { ConfigEdit } from './rewriteRules';

/**
 * Sets one key of the config, and leaves every other character as it is. A new key stands behind
 * the last of `after` that is there, else first. Empty when it says so already.
 *
 * @param text a valid config
 */
export function setKey(
  text: string,
  key: string,
  value: string,
  after: readonly string[],
): readonly ConfigEdit[] {
  const root = rootOf(text);
  if (root === undefined) return [];
  const written = JSON.stringify(value);
  const known = findNodeAtLocation(root, [key]);
  if (known !== undefined) {
    const same = known.value === value;
    return same ? [] : [{ offset: known.offset, length: known.length, text: written }];
  }
  const entry = `${JSON.stringify(key)}: ${written}`;
  const properties = root.children ?? [];
  const [first] = properties;
  if (first === undefined) {
    return [{ offset: root.offset, length: root.length, text: `{ ${entry} }` }];
  }
  const anchor = properties.findLast((each) => after.includes(nameOf(each)));
  // It stands behind its comma as its neighbour stands behind its own, or behind the brace.
  const gap = /\s*$/.exec(text.slice(0, (anchor ?? first).offset))?.[0] ?? '';
  return anchor === undefined
    ? [{ offset: first.offset, length: 0, text: `${entry},${gap === '' ? ' ' : gap}` }]
    : [{ offset: end(anchor), length: 0, text: `,${gap}${entry}` }];
}

/**
 * Takes a key out of the config, with its comma. Empty when it is not there.
 *
 * @param text a valid config
 */
export function removeKey(text: string, key: string): readonly ConfigEdit[] {
  const properties = rootOf(text)?.children ?? [];
  const at = properties.findIndex((each) => nameOf(each) === key);
  const property = properties[at];
  if (property === undefined) return [];
  const previous = properties[at - 1];
  const next = properties[at + 1];
  // Behind another key the comma in front goes, else the one behind.
  const from = previous === undefined ? property.offset : end(previous);
  const to = previous === undefined && next !== undefined ? next.offset : end(property);
  return [{ offset: from, length: to - from, text: '' }];
}

function rootOf(text: string): Node | undefined {
  const root = parseTree(text.replace(/^\uFEFF/, ' '));
  return root?.type === 'object' ? root : undefined;
}

const nameOf = (property: Node): string => String(property.children?.[0]?.value);

const end = (node: Node): number => node.offset + node.length;
