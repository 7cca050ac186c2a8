import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import { changeRules } from './changeRules';
import { parseConfig, type Rule } from './config';
import { CONFIG_KEYS } from './format';
import { removeKey, setKey } from './keyEdits';
import type { RuleConditions } from './match';
import { minimalRules } from './minimalRules';
import { rewriteRules, type ConfigEdit } from './rewriteRules';
import type { NamedModel } from './tensor';
import { TensorSpace, type SelectedTensor } from './tensorSpace';

export type { ConfigEdit } from './rewriteRules';
export type { SelectedTensor } from './tensorSpace';

/**
 * The smallest edit after which exactly the selection is frozen (or thawed) in all epochs and
 * everything else is as before. Statistics of a module go together. Rules that only say the
 * opposite are taken out, so that the edit after a tick that unticks the same gives back the text
 * as it was; otherwise the fewest rules are appended, and rules without a window that these make
 * needless are taken out.
 *
 * Empty when nothing is to change or the config has errors.
 */
export function editFreeze(
  text: string,
  models: readonly NamedModel[],
  selection: readonly SelectedTensor[],
  freeze: boolean,
): readonly ConfigEdit[] {
  return onConfig(text, (valid, rules) => {
    const space = new TensorSpace(models);
    const { removed, added } = changeRules(rules, space, space.select(selection), freeze);
    return rewriteRules(
      valid,
      removed,
      added.map((rule) => writeRule(rule, freeze)),
    );
  });
}

/**
 * Appends a rule as it is, on one line. Empty when the config has errors.
 *
 * @param rule a pattern, or an object with the keys of a rule
 */
export function addRule(
  text: string,
  rule: string | Record<string, unknown>,
): readonly ConfigEdit[] {
  return addRules(text, [rule]);
}

/**
 * Appends rules as they are, each on one line. Empty when they are the last ones already, or the
 * config has errors.
 *
 * @param added patterns, or objects with the keys of a rule
 */
export function addRules(
  text: string,
  added: readonly (string | Readonly<Record<string, unknown>>)[],
): readonly ConfigEdit[] {
  return onConfig(text, (valid, rules) => {
    const lines = added.map(oneLine);
    const last = rules.slice(-lines.length).map((rule) => oneLine(JSON.parse(rule.text) as string));
    const isThere = rules.length >= lines.length && lines.every((line, at) => line === last[at]);
    return isThere ? [] : rewriteRules(valid, new Set(), lines);
  });
}

/**
 * Takes rules out. Empty when the config has errors.
 *
 * @param removed indices of rules
 */
export function removeRules(text: string, removed: readonly number[]): readonly ConfigEdit[] {
  return onConfig(text, (valid) => rewriteRules(valid, new Set(removed), []));
}

/**
 * Gives a rule another pattern and leaves its conditions and its `!` as they are. Empty when there
 * is no such rule or the config has errors.
 *
 * @param index of the rule
 * @param match pattern without `!`
 */
export function replacePattern(text: string, index: number, match: string): readonly ConfigEdit[] {
  return onConfig(text, (valid) => {
    const root = parseTree(valid.replace(/^\uFEFF/, ' '));
    const rule = root && findNodeAtLocation(root, ['freeze', index]);
    const node = rule?.type === 'object' ? findNodeAtLocation(rule, ['match']) : rule;
    if (node === undefined) return [];
    const thaws = String(node.value).startsWith('!');
    const { offset, length } = node;
    return [{ offset, length, text: JSON.stringify(thaws ? `!${match}` : match) }];
  });
}

/**
 * Sets one of the config's words, behind its other keys when it is new. Empty when it is so
 * already or the config has errors.
 */
export function setWord(
  text: string,
  key: 'engine' | 'cache',
  word: string,
): readonly ConfigEdit[] {
  return onConfig(text, (valid) => setKey(valid, key, word, CONFIG_KEYS));
}

/**
 * Sets the checkpoint that names come from, behind `command` when it is new; null takes the key
 * out. Empty when it is so already or the config has errors.
 *
 * @param path relative to the config's folder, with `/`, or absolute
 */
export function setModel(text: string, path: string | null): readonly ConfigEdit[] {
  return onConfig(text, (valid) =>
    path === null
      ? removeKey(valid, 'model')
      : setKey(valid, 'model', path, ['$schema', 'command']),
  );
}

/** Empties `freeze`. Empty when it is so already or the config has errors. */
export function thawAll(text: string): readonly ConfigEdit[] {
  return onConfig(text, (valid, rules) => rewriteRules(valid, everyOf(rules), []));
}

/**
 * Replaces all rules by `**` and what thaws the selection, so that nothing else trains. Empty when
 * the config has errors.
 *
 * @param selection patterns without `!`, or tensors
 */
export function trainOnly(
  text: string,
  models: readonly NamedModel[],
  selection: readonly string[] | readonly SelectedTensor[],
): readonly ConfigEdit[] {
  return onConfig(text, (valid, rules) => {
    const patterns = selection.filter((each) => typeof each === 'string');
    const space = new TensorSpace(models);
    const tensors = space.select(selection.filter((each) => typeof each !== 'string'));
    return rewriteRules(valid, everyOf(rules), [
      oneLine('**'),
      ...patterns.map((pattern) => oneLine(`!${pattern}`)),
      ...minimalRules(space, tensors, tensors).map((rule) => writeRule(rule, false)),
    ]);
  });
}

/** The text of a config that freezes nothing. */
export function newConfigText(command: string | undefined): string {
  return `${JSON.stringify({ command, freeze: [] }, null, 2)}\n`;
}

/** The text after edits that do not overlap. */
export function applyConfigEdits(text: string, edits: readonly ConfigEdit[]): string {
  return [...edits]
    .sort((a, b) => b.offset - a.offset)
    .reduce(
      (before, { offset, length, text: inserted }) =>
        before.slice(0, offset) + inserted + before.slice(offset + length),
      text,
    );
}

/** Runs an edit on a valid config; a blank text counts as a new config. */
function onConfig(
  text: string,
  edit: (valid: string, rules: readonly Rule[]) => readonly ConfigEdit[],
): readonly ConfigEdit[] {
  if (/^[\s\uFEFF]*$/.test(text)) {
    const fresh = newConfigText(undefined);
    const edits = edit(fresh, []);
    if (edits.length === 0) return [];
    return [{ offset: 0, length: text.length, text: applyConfigEdits(fresh, edits) }];
  }
  const { config } = parseConfig(text);
  return config ? edit(text, config.rules) : [];
}

const everyOf = (rules: readonly Rule[]): ReadonlySet<number> => new Set(rules.keys());

function writeRule({ match, ...conditions }: RuleConditions, freeze: boolean): string {
  if (Object.keys(conditions).length === 0) return oneLine(freeze ? match : `!${match}`);
  return oneLine({ match, ...conditions, ...(freeze ? {} : { freeze }) });
}

function oneLine(rule: string | Readonly<Record<string, unknown>>): string {
  if (typeof rule === 'string') return JSON.stringify(rule);
  const entries = Object.entries(rule).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  return `{ ${entries.join(', ')} }`;
}
