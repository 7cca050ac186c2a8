/** A command as it is to be spawned. */
export interface CommandLine {
  /** As a person would type it. */
  readonly text: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Whether a shell takes `file` apart. */
  readonly shell: boolean;
}

/** A command of one string, as in the config: a shell reads it. */
export function shellCommand(text: string): CommandLine {
  return { text, file: text, args: [], shell: true };
}

/** Words from the command line: no shell touches several, one with spaces is meant for a shell. */
export function wordsCommand(words: readonly [string, ...string[]]): CommandLine {
  const [file, ...args] = words;
  if (args.length === 0 && /\s/.test(file)) return shellCommand(file);
  return { text: words.map(quoted).join(' '), file, args, shell: false };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
