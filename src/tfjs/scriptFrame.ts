import { fileURLToPath } from 'node:url';

export interface Frame {
  /** Absolute path. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Frames deep in async library code would otherwise hide the script's own. */
const DEPTH = 60;
const FRAME = /\(?((?:file:\/\/|\/|[A-Za-z]:[\\/]).+?):(\d+):\d+\)?$/;
const NOT_THE_SCRIPT = /[\\/]node_modules[\\/]|[\\/]tfjs-(?:hook|preload)\.cjs$/;

/** Where in the script's own code the current call comes from; null when only libraries ran. */
export function scriptFrame(): Frame | null {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = DEPTH;
  const stack = String(new Error().stack);
  Error.stackTraceLimit = limit;
  for (const text of stack.split('\n').slice(1)) {
    const match = FRAME.exec(text.trim());
    const [, where = '', line = ''] = match ?? [];
    if (where === '' || NOT_THE_SCRIPT.test(where)) continue;
    const file = where.startsWith('file://') ? fileURLToPath(where) : where;
    return { file, line: Number(line) };
  }
  return null;
}
