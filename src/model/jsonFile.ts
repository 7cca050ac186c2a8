import { findNodeAtLocation, parseTree, printParseErrorCode, type ParseError } from 'jsonc-parser';
import type * as z from 'zod/mini';

/** A file does not hold what it should; the message says where: `model.json:3:7: …`. */
export class FileFormatError extends Error {
  override readonly name = 'FileFormatError';

  constructor(
    readonly file: string,
    /** Counted from 1. */
    readonly line: number,
    /** Counted from 1, in UTF-16 code units. */
    readonly column: number,
    readonly reason: string,
  ) {
    super(`${file}:${String(line)}:${String(column)}: ${reason}`);
  }
}

/**
 * Parses strict JSON and checks its shape.
 * @param file for messages only
 * @throws FileFormatError with the place of the first fault
 */
export function parseJsonFile<T>(text: string, file: string, schema: z.ZodMiniType<T>): T {
  let value: unknown;
  try {
    // A byte order mark is not JSON, but editors on Windows write one.
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw syntaxError(text, file, error as Error);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path.filter((part) => typeof part !== 'symbol') ?? [];
  const where = path.length === 0 ? '' : `"${path.join('.')}": `;
  throw formatError(text, file, path, `${where}${issue?.message ?? 'malformed'}`);
}

/** An error at the value that `path` leads to, or at the innermost that there is on the way. */
export function formatError(
  text: string,
  file: string,
  path: readonly (string | number)[],
  reason: string,
): FileFormatError {
  const tree = parseTree(text);
  let offset = 0;
  for (let length = path.length; tree !== undefined && length >= 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node === undefined) continue;
    offset = node.offset;
    break;
  }
  return errorAt(text, file, offset, reason);
}

function syntaxError(text: string, file: string, error: Error): FileFormatError {
  const errors: ParseError[] = [];
  parseTree(text, errors, { disallowComments: true, allowEmptyContent: false });
  const first = errors[0];
  return first === undefined
    ? errorAt(text, file, 0, `not JSON: ${error.message}`)
    : errorAt(text, file, first.offset, `not JSON: ${printParseErrorCode(first.error)}`);
}

function errorAt(text: string, file: string, offset: number, reason: string): FileFormatError {
  const before = text.slice(0, offset).split('\n');
  return new FileFormatError(file, before.length, (before.at(-1)?.length ?? 0) + 1, reason);
}
