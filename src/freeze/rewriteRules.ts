import { findNodeAtLocation, parseTree, type Node } from 'jsonc-parser';

/** A replacement in the config's text; offsets are those of the text before any edit. */
export interface ConfigEdit {
  /** UTF-16 code units from 0. */
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** How the file is laid out. */
interface Layout {
  readonly eol: string;
  readonly indent: string;
}

/**
 * Removes rules from `freeze` and appends others, and leaves every other character as it is. An
 * array that becomes empty is written `[]`. The key is added after `command` where it is missing.
 *
 * @param text a valid config
 * @param removed indices of rules
 * @param added rules as JSON, each on one line
 */
export function rewriteRules(
  text: string,
  removed: ReadonlySet<number>,
  added: readonly string[],
): readonly ConfigEdit[] {
  const root = parseTree(text.replace(/^\uFEFF/, ' '));
  if (root?.type !== 'object') return [];
  const layout: Layout = {
    eol: /\r\n|\n|\r/.exec(text)?.[0] ?? '\n',
    indent: /[\r\n]([ \t]+)"/.exec(text)?.[1] ?? '  ',
  };
  const list = findNodeAtLocation(root, ['freeze']);
  if (!list) return added.length === 0 ? [] : [addList(text, root, added, layout)];
  const items = list.children ?? [];
  if (items.every((_, index) => removed.has(index))) {
    return fillList(text, root, list, added, layout);
  }
  return changeItems(text, items, removed, added, layout);
}

const end = (node: Node): number => node.offset + node.length;

const spansLines = (text: string, from: number, to: number): boolean =>
  /[\r\n]/.test(text.slice(from, to));

/** The white space in front of the line on which an offset stands. */
const lineIndent = (text: string, offset: number): string =>
  /(?:^|[\r\n])([ \t]*)[^\r\n]*$/.exec(text.slice(0, offset))?.[1] ?? '';

/** Replaces all items. */
function fillList(
  text: string,
  root: Node,
  list: Node,
  added: readonly string[],
  layout: Layout,
): ConfigEdit[] {
  const items = list.children ?? [];
  const [first] = items;
  const last = items.at(-1);
  if (added.length > 0 && first && last) {
    const separator = separatorAfter(text, list.offset + 1, first, layout);
    return [
      { offset: first.offset, length: end(last) - first.offset, text: added.join(separator) },
    ];
  }
  if (added.length === 0 && items.length === 0) return [];
  const apart = spansLines(text, root.offset, end(root));
  const written = writeList(added, apart ? lineIndent(text, list.offset) : null, layout);
  return [{ offset: list.offset, length: list.length, text: written }];
}

/** @param indent that of the line with the bracket; null to write the list on one line */
function writeList(items: readonly string[], indent: string | null, layout: Layout): string {
  if (items.length === 0) return '[]';
  if (indent === null) return `[${items.join(', ')}]`;
  const line = layout.eol + indent + layout.indent;
  return `[${line}${items.join(`,${line}`)}${layout.eol}${indent}]`;
}

/** What to write between two items, where the first stands like this behind a bracket or comma. */
function separatorAfter(text: string, before: number, item: Node, layout: Layout): string {
  const apart = spansLines(text, before, item.offset);
  return apart ? `,${layout.eol}${lineIndent(text, item.offset)}` : ', ';
}

function changeItems(
  text: string,
  items: readonly Node[],
  removed: ReadonlySet<number>,
  added: readonly string[],
  layout: Layout,
): ConfigEdit[] {
  const edits: ConfigEdit[] = [];
  let kept: Node | null = null;
  let gap: Node | null = null;
  items.forEach((item, index) => {
    if (removed.has(index)) {
      gap = item;
      return;
    }
    if (gap) {
      // Behind a kept item the comma in front goes, at the start of the list the one behind.
      const from = kept ? end(kept) : (items[0]?.offset ?? 0);
      const to = kept ? end(gap) : item.offset;
      edits.push({ offset: from, length: to - from, text: '' });
    }
    kept = item;
    gap = null;
  });
  const last = items.findLast((_, index) => !removed.has(index));
  const final = items.at(-1);
  if (!last || !final) return edits;
  const previous = items[items.indexOf(last) - 1];
  const separator = separatorAfter(
    text,
    previous ? end(previous) : (last.parent?.offset ?? 0),
    last,
    layout,
  );
  const tail = added.map((rule) => separator + rule).join('');
  const length = end(final) - end(last);
  if (tail !== '' || length > 0) edits.push({ offset: end(last), length, text: tail });
  return edits;
}

/** Adds `freeze` to a config that has no such key. */
function addList(text: string, root: Node, added: readonly string[], layout: Layout): ConfigEdit {
  const properties = root.children ?? [];
  const [first] = properties;
  const apart = first ? spansLines(text, root.offset, first.offset) : true;
  const indent = first && apart ? lineIndent(text, first.offset) : layout.indent;
  const property = `"freeze": ${writeList(added, apart ? indent : null, layout)}`;
  if (!first) {
    const inside = `{${layout.eol}${indent}${property}${layout.eol}}`;
    return { offset: root.offset, length: root.length, text: inside };
  }
  const separator = apart ? `,${layout.eol}${indent}` : ', ';
  const anchor = properties.findLast(({ children: [key] = [] }) =>
    ['$schema', 'command'].includes(String(key?.value)),
  );
  return anchor
    ? { offset: end(anchor), length: 0, text: separator + property }
    : { offset: first.offset, length: 0, text: property + separator };
}
