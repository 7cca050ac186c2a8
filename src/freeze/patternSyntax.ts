/** A pattern cannot be read. */
export class PatternError extends Error {
  /** What is wrong, as a sentence. */
  readonly problem: string;
  /** The way out, as a sentence. */
  readonly advice: string;
  /** Where in the pattern, in UTF-16 code units from 0. */
  readonly offset: number;

  constructor(problem: string, advice: string, offset: number) {
    super(`${problem} ${advice}`);
    this.name = 'PatternError';
    this.problem = problem;
    this.advice = advice;
    this.offset = offset;
  }
}

/** One element of a pattern whose braces are expanded. */
export type Token =
  | { readonly kind: 'char'; readonly char: string }
  /** `exact` is set when the separator was escaped, and then matches only itself. */
  | { readonly kind: 'separator'; readonly char: string; readonly exact: boolean }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | {
      readonly kind: 'class';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    };

interface Braces {
  readonly kind: 'braces';
  readonly offset: number;
  readonly alternatives: readonly (readonly Node[])[];
}
type Node = Token | Braces;

/** More alternatives than a person writes by hand; keeps the regular expression small. */
const MOST_ALTERNATIVES = 1000;
/** Deeper than names are; the reader is recursive. */
const MOST_DEPTH = 64;

export const isSeparator = (char: string | undefined): boolean => char === '.' || char === '/';

/**
 * Reads a pattern and expands its braces as a shell does, before anything else has a meaning:
 * `x.{**,a}` is `x.**` or `x.a`.
 *
 * @returns the alternatives, each a list of tokens
 * @throws PatternError
 */
export function parsePattern(pattern: string): Token[][] {
  if (pattern === '')
    throw new PatternError('The pattern is empty.', 'Write "**" for every name.', 0);
  const nodes = new Reader(pattern).readAll();
  if (countAlternatives(nodes) > MOST_ALTERNATIVES) {
    const braces = nodes.find((node) => node.kind === 'braces');
    throw new PatternError(
      `The braces make more than ${MOST_ALTERNATIVES} alternatives.`,
      'Write several rules.',
      braces?.offset ?? 0,
    );
  }
  return expand(nodes);
}

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): Node[] {
    return this.#sequence(false);
  }

  #sequence(inBraces: boolean): Node[] {
    const nodes: Node[] = [];
    for (let char = this.#peek(); char !== ''; char = this.#peek()) {
      if (inBraces && (char === ',' || char === '}')) return nodes;
      nodes.push(this.#node(char));
    }
    return nodes;
  }

  #node(char: string): Node {
    if (char === '{') return this.#braces();
    if (char === '[') return this.#class();
    const escaped = char === '\\';
    const read = this.#take();
    if (isSeparator(read)) return { kind: 'separator', char: read, exact: escaped };
    if (escaped) return { kind: 'char', char: read };
    if (read === '*') return { kind: 'star' };
    if (read === '?') return { kind: 'any' };
    return { kind: 'char', char: read };
  }

  #braces(): Braces {
    const offset = this.#at;
    this.#depth += 1;
    if (this.#depth > MOST_DEPTH) {
      throw new PatternError('The braces are nested too deeply.', 'Write several rules.', offset);
    }
    this.#at += 1;
    const alternatives: Node[][] = [];
    for (;;) {
      alternatives.push(this.#sequence(true));
      const end = this.#peek();
      if (end === '') {
        throw new PatternError(
          '"{" is not closed.',
          'Add "}", or write "\\{" for the brace itself.',
          offset,
        );
      }
      this.#at += 1;
      if (end === '}') {
        this.#depth -= 1;
        return { kind: 'braces', offset, alternatives };
      }
    }
  }

  #class(): Token {
    const offset = this.#at;
    this.#at += 1;
    const negated = this.#peek() === '!';
    if (negated) this.#at += 1;
    const ranges: [string, string][] = [];
    while (this.#peek() !== ']') {
      const first = this.#classChar(offset);
      const isRange = this.#peek() === '-' && this.#text[this.#at + 1] !== ']';
      if (!isRange) {
        ranges.push([first, first]);
        continue;
      }
      const dash = this.#at;
      this.#at += 1;
      const last = this.#classChar(offset);
      if (codePoint(first) > codePoint(last)) {
        throw new PatternError(
          `The range "${first}-${last}" runs backwards.`,
          `Write "${last}-${first}".`,
          dash,
        );
      }
      ranges.push([first, last]);
    }
    this.#at += 1;
    if (ranges.length === 0) {
      throw new PatternError(
        'The class holds no character.',
        'Write "\\[" for the bracket itself.',
        offset,
      );
    }
    return { kind: 'class', negated, ranges };
  }

  #classChar(classOffset: number): string {
    const offset = this.#at;
    if (this.#peek() === '') {
      throw new PatternError(
        '"[" is not closed.',
        'Add "]", or write "\\[" for the bracket itself.',
        classOffset,
      );
    }
    const char = this.#take();
    if (isSeparator(char)) {
      throw new PatternError(
        `A class stays within a part of the name, so "${char}" cannot be in it.`,
        'Remove it; "." and "/" outside of a class match either.',
        offset,
      );
    }
    return char;
  }

  /** The next character without its backslash. */
  #take(): string {
    const offset = this.#at;
    const char = this.#peek();
    this.#at += char.length;
    if (char !== '\\') return char;
    const escaped = this.#peek();
    if (escaped === '') {
      throw new PatternError(
        'The last "\\" escapes nothing.',
        'Write "\\\\" for the backslash itself.',
        offset,
      );
    }
    this.#at += escaped.length;
    return escaped;
  }

  /** The next whole character (code point), or the empty string at the end. */
  #peek(): string {
    const code = this.#text.codePointAt(this.#at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }
}

const codePoint = (char: string): number => char.codePointAt(0) ?? 0;

function countAlternatives(nodes: readonly Node[]): number {
  let count = 1;
  for (const node of nodes) {
    if (node.kind !== 'braces') continue;
    count *= node.alternatives.reduce((sum, each) => sum + countAlternatives(each), 0);
    if (count > MOST_ALTERNATIVES) return count;
  }
  return count;
}

function expand(nodes: readonly Node[]): Token[][] {
  let expanded: Token[][] = [[]];
  for (const node of nodes) {
    if (node.kind === 'braces') {
      const tails = node.alternatives.flatMap(expand);
      expanded = expanded.flatMap((head) => tails.map((tail) => [...head, ...tail]));
    } else {
      for (const tokens of expanded) tokens.push(node);
    }
  }
  return expanded;
}
