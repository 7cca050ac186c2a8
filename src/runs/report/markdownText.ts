/** Text and tables as GitHub-flavoured Markdown, none of it able to be more than text. */

/** Plain text: no markup, no HTML, no mention of a user, safe in a table cell. */
export function text(plain: string): string {
  return plain
    .replace(/[\\`*_[\]{}|~#>]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('@', '&#64;');
}

/** A code span, also of text that holds backticks. */
export function code(plain: string): string {
  const longest = Math.max(0, ...Array.from(plain.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = plain.startsWith('`') || plain.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${plain}${pad}${fence}`;
}

/** A table; cells are Markdown already. `right` names the columns set flush right. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  // A bar ends a cell even in a code span, unless it is escaped.
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, '\\|')).join(' | ')} |`;
  const rule = heads.map((_, column) => (right.includes(column) ? '---:' : '---'));
  return [line(heads), line(rule), ...rows.map(line)].join('\n');
}
