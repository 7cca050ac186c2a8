/** A stretch of the config's text. */
export interface Place {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units; a byte order mark does not count. */
  readonly column: number;
  /** From 0, in UTF-16 code units. */
  readonly offset: number;
  /** In UTF-16 code units. */
  readonly length: number;
}

/** Makes the function that finds line and column; lines end as in VS Code: CRLF, LF or CR. */
export function placeFinder(text: string): (offset: number, length: number) => Place {
  const starts = [text.startsWith('\uFEFF') ? 1 : 0];
  for (const end of text.matchAll(/\r\n|\n|\r/g)) starts.push(end.index + end[0].length);
  return (offset, length) => {
    let line = starts.length;
    while (line > 1 && (starts[line - 1] ?? 0) > offset) line -= 1;
    return { line, column: Math.max(0, offset - (starts[line - 1] ?? 0)) + 1, offset, length };
  };
}
