const LINE = /^permafrost: (?:(?:error|warning): )?(.+)$/;
/** Of the script's own last line; of all that a notification says. */
const MOST_QUOTED = 200;
const MOST_CHARACTERS = 600;

/**
 * Why an inspection saw no model, for a notification: what the CLI said of it, and of what the
 * script died.
 * @param output what the CLI wrote to stderr: the command's own output, then its findings
 */
export function inspectionFailure(output: string): string {
  const lines = output.trimEnd().split(/\r?\n/);
  const own = lines.slice(lines.findLastIndex((line) => !LINE.test(line)) + 1);
  const said = own.map((line) => sentence(LINE.exec(line)?.[1] ?? ''));
  if (said.length === 0) return 'No model was seen. The log shows all that was printed.';
  const printed = lines.at(-own.length - 1)?.trim() ?? '';
  const failed = said.findIndex((text) => /failed \(exit code \d+\)/.test(text));
  if (failed >= 0) {
    const quoted = printed === '' || printed.length > MOST_QUOTED ? [] : [sentence(printed)];
    said.splice(failed + 1, 0, ...quoted, 'The log shows all that it printed.');
  }
  const text = said.join(' ');
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

function sentence(text: string): string {
  const begun = text.replace(
    /^(?:no|command) /,
    (word) => word.charAt(0).toUpperCase() + word.slice(1),
  );
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
