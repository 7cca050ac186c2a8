import * as z from 'zod/mini';

/** How a `TensorInfo` stands in JSON: in inspections and in events. */
export const tensorSchema = z.object({
  name: z.string(),
  aliases: z.optional(z.array(z.string())),
  kind: z.enum(['parameter', 'statistic']),
  module: z.string(),
  type: z.string(),
  dtype: z.string(),
  shape: z.array(z.number().check(z.nonnegative())),
});
