/** A value that a header of NumPy can hold: lists and tuples alike are arrays. */
export type Literal =
  string | number | boolean | null | readonly Literal[] | ReadonlyMap<string, Literal>;

/** Structured types hold lists of tuples of lists, and no more. */
const MAX_DEPTH = 16;

const TOKENS = /\s*(?:([{}[\](),:])|'([^'\\]*)'|"([^"\\]*)"|(\d{1,16})L?|(True|False|None)\b)\s*/y;

/**
 * Reads a literal of Python as NumPy writes it: dictionaries with texts as keys, lists, tuples,
 * texts without escapes, whole numbers, True, False, None. Evaluates nothing.
 * @returns undefined for anything else
 */
export function readLiteral(text: string): Literal | undefined {
  const tokens = tokensOf(text);
  if (tokens === null) return undefined;
  const parser = new Parser(tokens);
  const value = parser.value(0);
  return parser.atEnd ? value : undefined;
}

type Token =
  | { readonly kind: 'mark'; readonly mark: string }
  | { readonly kind: 'value'; readonly value: string | number | boolean | null };

function tokensOf(text: string): readonly Token[] | null {
  const tokens: Token[] = [];
  TOKENS.lastIndex = 0;
  while (TOKENS.lastIndex < text.length) {
    const match = TOKENS.exec(text);
    if (match === null) return null;
    const [, mark, single, double, number, word] = match;
    const string = single ?? double;
    if (mark !== undefined) tokens.push({ kind: 'mark', mark });
    else if (string !== undefined) tokens.push({ kind: 'value', value: string });
    else if (number !== undefined) tokens.push({ kind: 'value', value: Number(number) });
    else tokens.push({ kind: 'value', value: word === 'None' ? null : word === 'True' });
  }
  return tokens;
}

class Parser {
  #at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get atEnd(): boolean {
    return this.#at === this.tokens.length;
  }

  value(depth: number): Literal | undefined {
    const token = this.tokens[this.#at++];
    if (token === undefined || depth > MAX_DEPTH) return undefined;
    if (token.kind === 'value') return token.value;
    if (token.mark === '{') return this.#dictionary(depth + 1);
    if (token.mark === '[') return this.#list(']', depth + 1);
    return token.mark === '(' ? this.#list(')', depth + 1) : undefined;
  }

  #list(end: string, depth: number): readonly Literal[] | undefined {
    const values: Literal[] = [];
    while (!this.#takes(end)) {
      const value = this.value(depth);
      if (value === undefined) return undefined;
      values.push(value);
      if (this.#takes(',')) continue;
      return this.#takes(end) ? values : undefined;
    }
    return values;
  }

  #dictionary(depth: number): ReadonlyMap<string, Literal> | undefined {
    const entries = new Map<string, Literal>();
    while (!this.#takes('}')) {
      const key = this.value(depth);
      if (typeof key !== 'string' || entries.has(key) || !this.#takes(':')) return undefined;
      const value = this.value(depth);
      if (value === undefined) return undefined;
      entries.set(key, value);
      if (this.#takes(',')) continue;
      return this.#takes('}') ? entries : undefined;
    }
    return entries;
  }

  #takes(mark: string): boolean {
    const token = this.tokens[this.#at];
    if (token?.kind !== 'mark' || token.mark !== mark) return false;
    this.#at++;
    return true;
  }
}
