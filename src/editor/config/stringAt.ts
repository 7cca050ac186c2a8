import { findNodeAtLocation, getLocation, parseTree } from 'jsonc-parser';

/** What a string of permafrost.json stands for. */
export type StringRole = 'pattern' | 'type' | 'ruleModel' | 'model';

/** The string in which the cursor stands. */
export interface StringAt {
  readonly role: StringRole;
  /** What stands between the quotes, escapes as written; without an end quote, up to the line's end. */
  readonly raw: string;
  /** Where that begins in the text. UTF-16 code units, as all offsets here. */
  readonly offset: number;
  /** The cursor within `raw`. */
  readonly cursor: number;
  /** For a string of a rule with a `model` of its own: that. */
  readonly ruleModel?: string;
}

/**
 * The string of a known role at an offset of a text, which may be half typed. Undefined outside of
 * strings and in others.
 */
export function stringAt(text: string, offset: number): StringAt | undefined {
  const json = text.replace(/^\uFEFF/, ' ');
  const { path, previousNode, isAtPropertyKey } = getLocation(json, offset);
  if (isAtPropertyKey || previousNode?.type !== 'string' || offset <= previousNode.offset) {
    return undefined;
  }
  const role = roleOf(path);
  if (role === undefined) return undefined;
  const written = json.slice(previousNode.offset, previousNode.offset + previousNode.length);
  const isClosed = /^"(?:[^"\\]|\\.)*"$/s.test(written);
  const raw = written.slice(1, isClosed ? -1 : undefined);
  const cursor = offset - previousNode.offset - 1;
  if (cursor > raw.length) return undefined;
  const at = { role, raw, offset: previousNode.offset + 1, cursor };
  const ruleModel = role === 'pattern' || role === 'type' ? modelOf(json, path) : undefined;
  return ruleModel === undefined ? at : { ...at, ruleModel };
}

function roleOf([first, rule, key, ...deeper]: readonly (string | number)[]):
  StringRole | undefined {
  if (deeper.length > 0) return undefined;
  if (first === 'model' && rule === undefined) return 'model';
  if (first !== 'freeze' || typeof rule !== 'number') return undefined;
  if (key === undefined || key === 'match') return 'pattern';
  return key === 'type' ? 'type' : key === 'model' ? 'ruleModel' : undefined;
}

function modelOf(json: string, path: readonly (string | number)[]): string | undefined {
  const root = parseTree(json);
  const value: unknown = root && findNodeAtLocation(root, [...path.slice(0, 2), 'model'])?.value;
  return typeof value === 'string' ? value : undefined;
}
