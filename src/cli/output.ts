/** Writes text to stdout: what the user asked for. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Writes lines to stderr, each with Permafrost's name before it: stdout is the script's. */
export function note(text: string): void {
  process.stderr.write(text.replace(/\n$/, '').replace(/^/gm, 'permafrost: ') + '\n');
}
