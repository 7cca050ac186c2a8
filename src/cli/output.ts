import type { MessageState } from '../runs/state';
import { visibleText } from '../runs/words/visibleText';

/** Writes text to stdout: what the user asked for. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/**
 * Writes lines to stderr, each with Permafrost's name before it: stdout is the script's. Names
 * from a script may hold anything, also what would steer the terminal.
 */
export function note(text: string): void {
  const lines = text.replace(/\n$/, '').split('\n');
  process.stderr.write(lines.map((line) => `permafrost: ${visibleText(line)}\n`).join(''));
}

/** A message of the hook as one line: `warning: What is wrong. The way out.` */
export function messageLine({ level, text, advice }: Omit<MessageState, 't' | 'code'>): string {
  return `${level}: ${text}${/[.!?]$/.test(text) ? '' : '.'} ${advice ?? ''}`.trimEnd();
}
