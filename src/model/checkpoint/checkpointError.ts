/** A checkpoint cannot be read; the message says where: `model.pt: offset 1234: …`. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';

  constructor(
    /** Path as shown. */
    readonly file: string,
    /** In bytes from the start of the file; null when the fault has no place in it. */
    readonly offset: number | null,
    /** What is wrong and, where there is one, the way out: one or two sentences. */
    readonly reason: string,
  ) {
    super(`${file}: ${offset === null ? '' : `offset ${String(offset)}: `}${reason}`);
  }
}

/** A name from a file as messages show it: quoted, and cut where it is very long. */
export function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 200));
}
