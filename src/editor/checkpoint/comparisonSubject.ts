import * as vscode from 'vscode';
import * as z from 'zod/mini';

/** What a comparison is of: enough to make it anew after a window reload. */
export interface ComparisonSubject {
  /** Two or more. */
  readonly files: readonly vscode.Uri[];
  /** Id of the run whose config says what must be equal; null for the config of the project. */
  readonly run: string | null;
}

const written = z.object({
  files: z.array(z.string()).check(z.minLength(2)),
  run: z.nullable(z.string()),
});

/** As the page keeps it. */
export function writeSubject({ files, run }: ComparisonSubject): string {
  return JSON.stringify({ files: files.map((file) => file.toString()), run });
}

/** Undefined when it is none. Never throws. */
export function readSubject(text: string): ComparisonSubject | undefined {
  try {
    const result = written.safeParse(JSON.parse(text));
    if (!result.success) return undefined;
    const { files, run } = result.data;
    return { files: files.map((file) => vscode.Uri.parse(file, true)), run };
  } catch {
    return undefined;
  }
}
