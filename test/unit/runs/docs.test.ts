import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { eventSchema, parseEventLine } from '../../../src/runs/events';
import { initialState, reduceLine } from '../../../src/runs/reduce/reduce';
import { verdictSentence } from '../../../src/runs/words/words';

const file = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');
const document = file('docs/events.md');
/** Fields of every event. */
const COMMON = ['v', 't', 'proc', 'type'];

/** Names of all properties in a JSON schema, at any depth. */
function properties(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own =
    'properties' in schema && typeof schema.properties === 'object'
      ? Object.keys(schema.properties ?? {})
      : [];
  return [...own, ...Object.values(schema).flatMap(properties)];
}

/** Words of string literal types and names of properties that a TypeScript file declares. */
function declared(path: string): readonly string[] {
  const source = ts.createSourceFile(path, file(path), ts.ScriptTarget.Latest, true);
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertySignature(node)) names.push(node.name.getText());
    if (ts.isStringLiteral(node) && ts.isLiteralTypeNode(node.parent)) names.push(node.text);
    ts.forEachChild(node, visit);
  };
  for (const statement of source.statements) {
    // Cells are what the report's table shows, not a part of the state.
    const isCell = ts.isTypeAliasDeclaration(statement) && statement.name.text === 'Cell';
    if (!isCell && !ts.isImportDeclaration(statement)) visit(statement);
  }
  return [...new Set(names)];
}

describe('docs/events.md', () => {
  const sections = new Map(
    document.split(/^### /m).map((section) => [/^`([^`]+)`/.exec(section)?.[1] ?? '', section]),
  );

  it.each(eventSchema._zod.def.options.map((option) => [option.shape.type.def.values[0], option]))(
    'describes the event %s with each of its fields',
    (type, option) => {
      const section = sections.get(String(type));
      expect(section, `a section for ${String(type)}`).toBeDefined();
      const fields = new Set(properties(z.toJSONSchema(option)));
      for (const common of COMMON) fields.delete(common);
      for (const field of fields) expect(section).toContain(`\`${field}\``);
    },
  );

  it.each(COMMON)('describes the field %s of every event', (field) => {
    expect(document).toMatch(new RegExp(`^\\| \`${field}\` `, 'm'));
  });

  it.each(declared('src/runs/state.ts'))('names %s of the run state', (name) => {
    expect(document).toMatch(new RegExp(`\`"?${name}"?\``));
  });

  it('has an example of which every line is a valid event', () => {
    const lines = example();
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.map((line) => parseEventLine(line).kind)).toEqual(lines.map(() => 'event'));
  });

  it('says of its example what it adds up to', () => {
    const state = example().reduce(reduceLine, initialState('20261124-181503-ab12'));
    expect(verdictSentence(state)).toBe(
      '1 frozen tensor moved: conv1/kernel in epoch 2 (1 element, max |Δ| 1.0e-7; layer.setWeights() was called at train.js:31).',
    );
  });
});

function example(): readonly string[] {
  return /```jsonl\n(.*?)```/s.exec(document)?.[1]?.trim().split('\n') ?? [];
}
