/** A problem whose line and column are not worked out yet. */
export interface RawProblem {
  /** UTF-16 code units from 0. */
  readonly offset: number;
  readonly length: number;
  readonly text: string;
  readonly advice: string;
}

/** The words for a list of choices: `"a", "b" or "c"`. */
export function oneOf(choices: readonly string[]): string {
  if (choices.length < 2) return choices.join('');
  return `${choices.slice(0, -1).join(', ')} or ${choices.at(-1) ?? ''}`;
}

/** The choices in double quotes. */
export const quoted = (words: readonly string[]): string[] => words.map((word) => `"${word}"`);
