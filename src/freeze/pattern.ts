import { toRegExpSource } from './patternRegExp';
import { isSeparator, parsePattern, type Token } from './patternSyntax';

export { PatternError } from './patternSyntax';

/** A pattern ready to be matched. */
export interface Pattern {
  readonly test: (name: string) => boolean;
  /** What every matching name begins with, separators written as `/`. */
  readonly head: string;
  /** What every matching name ends in, likewise. */
  readonly tail: string;
  /** The anchored regular expression, for flag `u`. */
  readonly source: string;
}

/**
 * Compiles a glob over whole names. `*` stays within a part, `**` crosses parts (as a part of its
 * own it also stands for no part, except at the end), `?` is one character, `[a-z]` and `[!a-z]`
 * are classes, `{a,b}` are alternatives, `\` escapes. `.` and `/` separate parts and match each
 * other; escaped they match only themselves. A leading `!` has no meaning here.
 *
 * @throws PatternError
 */
export function readPattern(pattern: string): Pattern {
  const alternatives = parsePattern(pattern);
  const source = toRegExpSource(alternatives);
  const expression = new RegExp(source, 'u');
  const backwards = alternatives.map((tokens) => withoutNoPart(tokens).toReversed());
  return {
    test: (name) => expression.test(name),
    head: commonHead(alternatives).join(''),
    tail: commonHead(backwards).reverse().join(''),
    source,
  };
}

/**
 * The test of {@link readPattern} alone.
 *
 * @throws PatternError
 */
export function compilePattern(pattern: string): (name: string) => boolean {
  return readPattern(pattern).test;
}

/** The pattern that matches this name. A name that begins with `!` is escaped for a rule, too. */
export function escapePattern(name: string): string {
  return name.replace(/[*?[\]{},\\]/g, '\\$&').replace(/^!/, '\\!');
}

/** Writes the separators of a name alike, for look-ups that treat `.` and `/` alike. */
export function unifySeparators(name: string): string {
  return name.replaceAll('.', '/');
}

/** The characters that all alternatives begin with. */
function commonHead(alternatives: readonly (readonly Token[])[]): string[] {
  const [first = [], ...others] = alternatives.map(literalHead);
  const end = first.findIndex((char, at) => others.some((other) => other[at] !== char));
  return end < 0 ? first : first.slice(0, end);
}

/** Without the separator that a last whole `**` takes along when it stands for no part. */
function withoutNoPart(tokens: readonly Token[]): readonly Token[] {
  const star = tokens.findLastIndex((token) => token.kind === 'star');
  if (tokens[star - 1]?.kind !== 'star' || tokens[star + 1]?.kind !== 'separator') return tokens;
  const before = tokens.slice(0, star).findLast((token) => token.kind !== 'star');
  const whole = before === undefined || before.kind === 'separator';
  return whole ? tokens.toSpliced(star + 1, 1) : tokens;
}

function literalHead(tokens: readonly Token[]): string[] {
  const head: string[] = [];
  for (const token of tokens) {
    if (token.kind !== 'char' && token.kind !== 'separator') break;
    head.push(isSeparator(token.char) ? '/' : token.char);
  }
  return head;
}
