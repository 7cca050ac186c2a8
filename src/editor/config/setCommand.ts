import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import { newConfigText } from '../../freeze/edit';

/** A valid or blank config's text with another `command`, first of its keys when it is new. */
export function setCommand(text: string, command: string): string {
  const root = parseTree(text.replace(/^\uFEFF/, ' '));
  if (root?.type !== 'object') return newConfigText(command);
  const value = JSON.stringify(command);
  const splice = (offset: number, length: number, inserted: string): string =>
    text.slice(0, offset) + inserted + text.slice(offset + length);
  const known = findNodeAtLocation(root, ['command']);
  if (known !== undefined) return splice(known.offset, known.length, value);
  const [first] = root.children ?? [];
  if (first === undefined) return splice(root.offset, root.length, `{ "command": ${value} }`);
  // The next key then stands behind the comma as it stood behind the brace.
  const gap = text.slice(root.offset + 1, first.offset);
  return splice(first.offset, 0, `"command": ${value},${gap === '' ? ' ' : gap}`);
}
