/** The messages between the extension and the report's webview, both ways. */
import * as z from 'zod/mini';
import type { ReportPatch, ReportView } from './reportView';

/** To the webview. `seq` grows by one with each message of a connection, from 1 at a snapshot. */
export type ToReport =
  | { readonly type: 'snapshot'; readonly seq: 1; readonly view: ReportView }
  | { readonly type: 'patch'; readonly seq: number; readonly patch: ReportPatch }
  /** The run is not on disk any more. */
  | { readonly type: 'absent'; readonly runId: string };

const index = z.int().check(z.nonnegative());

const fromReport = z.discriminatedUnion('type', [
  /** The page listens: send a snapshot. Also sent when a patch did not follow the last message. */
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('revealTensor'), model: index, row: index }),
  /** Opens the script where a tensor was moved for the first time. */
  z.object({ type: z.literal('openCause'), model: index, row: index }),
  /** Opens the config, at a rule when it is given. */
  z.object({ type: z.literal('openConfig'), rule: z.nullable(index) }),
  /** Adds the rules of a message to the config: its index in the run's messages, from 0. */
  z.object({ type: z.literal('applyRules'), message: index }),
  /** Sets `"cache": "auto"` in the config. */
  z.object({ type: z.literal('useCache') }),
  z.object({ type: z.literal('setUpEngine') }),
  z.object({ type: z.literal('copyMarkdown') }),
  z.object({ type: z.literal('exportHtml') }),
  z.object({ type: z.literal('openRunFolder') }),
  /** Of a checkpoint: shows its tensors in the parameter tree. */
  z.object({ type: z.literal('openInTree') }),
  /** Of a checkpoint: asks for another one and compares. */
  z.object({ type: z.literal('compareWith') }),
]);

/** From the webview. */
export type FromReport = z.infer<typeof fromReport>;

/** Reads a message of the webview; undefined when it is none that the report sends. Never throws. */
export function parseFromReport(message: unknown): FromReport | undefined {
  const result = fromReport.safeParse(message);
  return result.success ? result.data : undefined;
}
