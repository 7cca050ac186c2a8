import * as z from 'zod/mini';
import type { Inspection } from './inspection';
import { parseJsonFile } from './jsonFile';
import { tensorSchema } from './tensorSchema';

const inspection = z.object({
  version: z.literal(1),
  framework: z.string(),
  source: z.string(),
  time: z.number(),
  models: z.array(
    z.object({
      name: z.string(),
      className: z.string(),
      tensors: z.array(tensorSchema),
      copyOf: z.optional(z.string()),
    }),
  ),
});

/**
 * Reads the text of `.permafrost/model.json`.
 * @param file for messages only
 * @throws FileFormatError with the place of the first fault
 */
export function parseInspection(text: string, file: string): Inspection {
  return parseJsonFile(text, file, inspection);
}
