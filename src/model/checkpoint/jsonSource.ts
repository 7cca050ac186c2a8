import type { ByteSource } from './byteSource';
import { CheckpointError } from './checkpointError';

/** Bytes: the largest `model.json` of known converters, whose topology is in it, are some megabytes. */
const MAX_JSON = 100_000_000;

/** Whether a file that begins with `head` may be JSON of an object or a list. */
export function looksLikeJson(head: Uint8Array): boolean {
  const text = new TextDecoder().decode(head.subarray(0, 256));
  // The decoder takes a byte order mark away.
  return /^\s*[[{]\s*["[{}\]]/.test(text);
}

/**
 * The whole file as JSON, a byte order mark left out.
 * @throws CheckpointError when it is too long, or no JSON
 */
export function readJsonSource(source: ByteSource): unknown {
  return parseJson(readText(source), source.name);
}

/** @throws CheckpointError when the file is longer than any index or `model.json` */
export function readText(source: ByteSource): string {
  if (source.size > MAX_JSON) {
    const reason = `the file is JSON of more than ${String(MAX_JSON)} bytes: no index or model.json is so long.`;
    throw new CheckpointError(source.name, 0, reason);
  }
  return new TextDecoder().decode(source.read(0, source.size));
}

/** @throws CheckpointError at the place of the fault */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const at = Number(/ at position (\d+)/.exec((error as Error).message)?.[1] ?? 0);
    const offset = Buffer.byteLength(text.slice(0, at));
    throw new CheckpointError(file, offset, 'the file is not JSON from here on: it is damaged.');
  }
}
