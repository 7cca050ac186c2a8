import { findNodeAtLocation, type Node } from 'jsonc-parser';
import type * as z from 'zod/mini';
import { CONFIG_KEYS, RULE_KEYS } from './format';
import { nearestWord } from './nearest';
import { oneOf, quoted, type RawProblem } from './problem';

type Issue = z.core.$ZodIssue;

/** Says at their places in the text what the format's definition found wrong. */
export function shapeProblems(issues: readonly Issue[], root: Node): RawProblem[] {
  return issues.flatMap((issue) => problemsOf(issue, [], root));
}

function problemsOf(issue: Issue, above: readonly PropertyKey[], root: Node): RawProblem[] {
  // Zod asks an empty list for its length even where it wants a string, and has told that already.
  if (issue.code === 'too_small' && issue.origin === 'array') return [];
  const path = [...above, ...issue.path];
  const node = nodeAt(root, path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(key, path, node ?? root));
  }
  if (issue.code === 'invalid_union') {
    const inner = node?.type === 'object' ? objectIssues(issue.errors) : undefined;
    if (inner) return inner.flatMap((each) => problemsOf(each, path, root));
  }
  if (!node) return [missing(path, nodeAt(root, path.slice(0, -1)) ?? root)];
  const { offset, length } = node;
  const must = expectation(issue);
  const near =
    issue.code === 'invalid_value' && typeof node.value === 'string'
      ? nearestWord(node.value, issue.values.map(String))
      : undefined;
  return [
    {
      offset,
      length,
      text: `${subject(path)} is ${describe(node)}, but must be ${must}.`,
      advice: near ? `Did you mean "${near}"?` : `Write ${must}.`,
    },
  ];
}

/** The issues of that alternative of a union that is about objects. */
const objectIssues = (alternatives: readonly (readonly Issue[])[]): readonly Issue[] | undefined =>
  alternatives.find((issues) =>
    issues.every((issue) => issue.path.length > 0 || isAboutKeys(issue)),
  );

const isAboutKeys = (issue: Issue): boolean => issue.code === 'unrecognized_keys';

function unknownKey(key: string, path: readonly PropertyKey[], object: Node): RawProblem {
  const known = path.length === 0 ? CONFIG_KEYS : RULE_KEYS;
  const { offset, length } = keyNode(object, key) ?? object;
  const near = nearestWord(key, known);
  return {
    offset,
    length,
    text: `Unknown key "${key}".`,
    advice: near
      ? `Did you mean "${near}"?`
      : `Known keys here: ${known.map((each) => `"${each}"`).join(', ')}.`,
  };
}

function missing(path: readonly PropertyKey[], { offset, length }: Node): RawProblem {
  const key = String(path.at(-1));
  return {
    offset,
    length,
    text: `The rule has no "${key}".`,
    advice: 'Add "match", such as "match": "**" for every name.',
  };
}

function subject(path: readonly PropertyKey[]): string {
  const last = path.at(-1);
  if (last === undefined) return 'The file';
  return typeof last === 'number' ? `Rule ${last + 1}` : `"${String(last)}"`;
}

function describe(node: Node): string {
  switch (node.type) {
    case 'array':
      return 'a list';
    case 'object':
      return 'an object';
    case 'string':
      return node.value === '' ? 'empty' : JSON.stringify(node.value);
    case 'number':
    case 'boolean':
    case 'null':
    case 'property':
      return String(node.value);
  }
}

function expectation(issue: Issue): string {
  if (issue.code === 'invalid_value') return oneOf(quoted(issue.values.map(String)));
  if (issue.code === 'invalid_union') return 'a pattern or an object with "match"';
  if (issue.code === 'custom') return 'a path without NUL characters';
  if (issue.code === 'too_big') return `at most ${issue.maximum}`;
  if (issue.code === 'too_small') {
    return issue.origin === 'string' ? 'a string with text' : `at least ${issue.minimum}`;
  }
  return issue.code === 'invalid_type'
    ? (TYPES[issue.expected] ?? issue.expected)
    : 'another value';
}

const TYPES: Partial<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  array: 'a list of rules',
  object: 'an object such as {"freeze": []}',
  int: 'a whole number',
  number: 'a whole number',
};

function nodeAt(root: Node, path: readonly PropertyKey[]): Node | undefined {
  return findNodeAtLocation(
    root,
    path.map((key) => (typeof key === 'number' ? key : String(key))),
  );
}

function keyNode(object: Node, key: string): Node | undefined {
  return object.children
    ?.map((property) => property.children?.[0])
    .find((each) => each?.value === key);
}
