// Writes the JSON schema that the editor gets; a unit test fails while it is stale.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { configSchemaText } from '../src/freeze/schema';

writeFileSync(path.join(__dirname, '..', 'media', 'permafrost.schema.json'), configSchemaText());
