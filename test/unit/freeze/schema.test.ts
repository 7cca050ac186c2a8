import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { CONFIG_KEYS, RULE_KEYS } from '../../../src/freeze/format';
import { configSchema, configSchemaText } from '../../../src/freeze/schema';

it('is committed as the definition makes it; if not, run `npx tsx scripts/schema.ts`', () => {
  const file = path.join(import.meta.dirname, '../../../media/permafrost.schema.json');
  expect(readFileSync(file, 'utf8')).toBe(configSchemaText());
});

it('is draft-07, refuses unknown keys and explains each known one', () => {
  const schema = configSchema();
  expect(schema).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    additionalProperties: false,
    properties: {
      freeze: { items: { anyOf: [{ type: 'string' }, { additionalProperties: false }] } },
      onMove: { default: 'report', enum: ['stop', 'report'] },
      epochSteps: { default: 100, minimum: 1 },
    },
  });
  expect(schema).not.toHaveProperty('required');
  const explained = JSON.stringify(schema).match(/"markdownDescription"/g) ?? [];
  // One for each key, one for each kind of rule.
  expect(explained).toHaveLength(CONFIG_KEYS.length + RULE_KEYS.length + 2);
});
