import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import manifest from '../../../package.json';
import strings from '../../../package.nls.json';
import {
  COMMANDS,
  COMPARISON_VIEW_TYPE,
  CONTEXT_KEYS,
  EDITORS,
  PROBLEM_MATCHER,
  ROWS,
  TASK_TYPE,
  VIEWS,
} from '../../../src/editor/contributions';
import { ENDINGS } from '../../../src/model/checkpoint/fileNames';

const { contributes } = manifest;
const ids: readonly string[] = Object.values(COMMANDS);

/** Context keys of VS Code itself that our `when` clauses use. */
const BUILT_IN = new Set([
  'view',
  'viewItem',
  'focusedView',
  'listFocus',
  'listMultiSelection',
  'inputFocus',
  'isWorkspaceTrusted',
  'workspaceFolderCount',
  'resourceFilename',
  'resourceScheme',
  'resourceExtname',
  'shellExecutionSupported',
  'explorerResourceIsFolder',
  'activeCustomEditorId',
  'false',
]);

function whenClauses(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(whenClauses);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    key === 'when' && typeof each === 'string' ? [each] : whenClauses(each),
  );
}

/** The keys that a clause asks for: the left side of each of its conditions. */
function keysOf(clause: string): readonly string[] {
  return clause
    .split(/&&|\|\|/)
    .map((condition) => condition.trim().replace(/^!/, '').split(' ')[0] ?? '');
}

describe('package.json and the code', () => {
  it('name the same commands', () => {
    expect(contributes.commands.map(({ command }) => command).sort()).toEqual([...ids].sort());
  });

  it('name the same endings of checkpoints', () => {
    // Pickles are called .pkl too, and most of those hold no model: they are read, not looked for.
    const offered = [...ENDINGS, 'pkl'].sort();
    const patterns = contributes.customEditors
      .flatMap(({ selector }) => selector.map(({ filenamePattern }) => filenamePattern))
      .filter((pattern) => !pattern.endsWith('.json'));
    expect(patterns.sort()).toEqual(offered.map((ending) => `*.${ending}`));
    const listed = whenClauses(contributes.menus)
      .flatMap((clause) => [...clause.matchAll(/\\\.\(([\w|]+)\)\$\/i/g)])
      .map(([, endings = '']) => endings.split('|').sort());
    expect(listed.length).toBeGreaterThan(1);
    for (const endings of listed) expect(endings).toEqual(offered);
  });

  it('gives every command the category Permafrost and a title', () => {
    for (const { command, category, title } of contributes.commands) {
      expect({ command, category }).toEqual({ command, category: 'Permafrost' });
      expect(title, command).toMatch(/^%command\./);
    }
  });

  it('uses only its own commands in menus, welcome texts and the walkthrough', () => {
    const text = JSON.stringify({ ...contributes, strings });
    const linked = [...text.matchAll(/command:(permafrost\.\w+)/g)].map((match) => match[1] ?? '');
    const inMenus = Object.values(contributes.menus).flatMap((items) =>
      items.map(({ command }) => command),
    );
    for (const id of [...linked, ...inMenus]) {
      expect([...ids, `${VIEWS.parameters}.focus`, VIEWS.parameters], id).toContain(id);
    }
  });

  it('asks in its when clauses only for keys that somebody sets', () => {
    const known = new Set<string>([...BUILT_IN, ...Object.values(CONTEXT_KEYS)]);
    for (const clause of whenClauses(contributes)) {
      for (const key of keysOf(clause)) expect(known.has(key), `${key} in ${clause}`).toBe(true);
    }
  });

  it('tells rows apart in its menus by values that rows have', () => {
    const rows: readonly string[] = Object.values(ROWS);
    for (const clause of whenClauses(contributes.menus['view/item/context'])) {
      const exact = /viewItem == (\S+)/.exec(clause)?.[1];
      const pattern = /viewItem =~ \/(.+)\//.exec(clause)?.[1];
      if (exact !== undefined) expect(rows).toContain(exact);
      if (pattern !== undefined)
        expect(rows.some((row) => new RegExp(pattern).test(row))).toBe(true);
    }
  });

  it('name the same views, task type and problem matcher', () => {
    expect(contributes.views.permafrost.map(({ id }) => id).sort()).toEqual(
      Object.values(VIEWS).sort(),
    );
    expect(contributes.taskDefinitions.map(({ type }) => type)).toEqual([TASK_TYPE]);
    expect(contributes.problemMatchers.map(({ name }) => `$${name}`)).toEqual([PROBLEM_MATCHER]);
  });

  it('name the same editors and webviews', () => {
    expect(contributes.customEditors.map(({ viewType }) => viewType).sort()).toEqual(
      Object.values(EDITORS).sort(),
    );
    expect(manifest.activationEvents).toContain(`onWebviewPanel:${COMPARISON_VIEW_TYPE}`);
  });

  it('has a text for every key, and no text that nothing uses', () => {
    const used = new Set(
      [...JSON.stringify(manifest).matchAll(/%([\w.]+)%/g)].map((match) => match[1]),
    );
    expect([...used].sort()).toEqual(Object.keys(strings).sort());
  });

  it('names only media that exist', () => {
    const files = JSON.stringify(contributes).matchAll(/"(?:\.\/)?(media\/[^"]+)"/g);
    for (const [, file] of files) expect(readFileSync(file ?? '').length, file).toBeGreaterThan(0);
  });

  it('begins and ends a background run at lines that the command line prints', () => {
    const { background } = contributes.problemMatchers[0] ?? {};
    const begin = 'permafrost: 2 rules of permafrost.json; running node train.js';
    const end = 'permafrost: details: permafrost report 20261124-181503-ab12 (.permafrost/runs/x)';
    expect(begin).toMatch(new RegExp(background?.beginsPattern ?? ''));
    expect(end).toMatch(new RegExp(background?.endsPattern ?? ''));
  });
});
