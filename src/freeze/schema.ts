import * as z from 'zod/mini';
import { configFormat } from './format';

/** The JSON schema of `permafrost.json`, made from the definition that validates it. */
export function configSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configFormat, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      // The editor renders Markdown in this key only.
      if (jsonSchema.description) jsonSchema['markdownDescription'] = jsonSchema.description;
      // The bound of safe integers says nothing to a reader.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return { ...schema, title: 'Permafrost configuration' };
}

/** The text of `media/permafrost.schema.json`. */
export function configSchemaText(): string {
  return `${JSON.stringify(configSchema(), null, 2)}\n`;
}
