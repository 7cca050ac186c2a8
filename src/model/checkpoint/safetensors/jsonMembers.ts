/**
 * The members of a JSON object of a great many. `JSON.parse` hides names that come twice, and
 * takes long to make such an object and to go through it: here their names are cut out, and it
 * parses the values as a list.
 */
import { EntryScanner } from './entryScanner';

/** The text is no JSON object; `at` counts UTF-16 code units. */
export class JsonFault extends Error {
  constructor(readonly at: number) {
    super('not a JSON object');
  }
}

export interface JsonMembers {
  /** In the order of the text; the same name may come twice. */
  readonly names: readonly string[];
  /** As `JSON.parse` gives them, but for those that are a `PlainEntry`. */
  readonly values: readonly unknown[];
  /** Where each value begins, in UTF-16 code units. */
  readonly places: readonly number[];
  /** Keys that stand in the values when these are objects, repeated ones too. */
  readonly innerKeys: number;
}

/** Keys of an entry in the usual form. */
const ENTRY_KEYS = 3;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const [OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [0x5b, 0x5d, 0x7b, 0x7d] as const;

/** @throws JsonFault */
export function jsonMembers(text: string): JsonMembers {
  return new MembersReader(text).read();
}

class MembersReader {
  readonly #names: string[] = [];
  readonly #places: number[] = [];
  readonly #values: unknown[] = [];
  /** Values that are left to `JSON.parse`: all at once, for that is faster. */
  readonly #others: { readonly index: number; readonly text: string; readonly place: number }[] =
    [];
  readonly #scanner: EntryScanner;
  #innerKeys = 0;

  constructor(private readonly text: string) {
    this.#scanner = new EntryScanner(text);
  }

  read(): JsonMembers {
    const { text } = this;
    let at = blank(text, expect(text, blank(text, 0), OPEN));
    let more = text.charCodeAt(at) !== CLOSE;
    while (more) {
      const start = blank(text, at);
      at = endOfText(text, expect(text, start, QUOTE));
      this.#names.push(textAt(text, start, at));
      at = blank(text, expect(text, blank(text, at), COLON));
      this.#places.push(at);
      at = blank(text, this.#value(at));
      more = text.charCodeAt(at) === COMMA;
      if (more) at++;
    }
    at = blank(text, expect(text, at, CLOSE));
    if (at !== text.length) throw new JsonFault(at);
    this.#parseOthers();
    const [names, places, values] = [this.#names, this.#places, this.#values];
    return { names, values, places, innerKeys: this.#innerKeys };
  }

  /** @returns behind the value */
  #value(start: number): number {
    const { text } = this;
    const entry = this.#scanner.read(start);
    this.#values.push(entry);
    if (entry !== null) {
      this.#innerKeys += ENTRY_KEYS;
      return this.#scanner.at;
    }
    for (let at = start, depth = 0; ; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) at = endOfText(text, at + 1) - 1;
      else if (code === COLON && depth === 1) this.#innerKeys++;
      else if (code === OPEN || code === OPEN_LIST) depth++;
      else if (depth === 0 && (code === COMMA || code === CLOSE)) {
        const index = this.#values.length - 1;
        this.#others.push({ index, text: text.slice(start, at), place: start });
        return at;
      } else if (code === CLOSE || code === CLOSE_LIST) depth--;
      else if (Number.isNaN(code)) throw new JsonFault(at);
    }
  }

  #parseOthers(): void {
    const others = this.#others;
    const texts = others.map((each) => each.text);
    const parsed = parseAll(
      texts,
      others.map(({ place }) => place),
    );
    for (const [order, { index }] of others.entries()) this.#values[index] = parsed[order];
  }
}

/** Past white space. */
function blank(text: string, from: number): number {
  for (let at = from; ; at++) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
  }
}

function expect(text: string, at: number, code: number): number {
  if (text.charCodeAt(at) !== code) throw new JsonFault(at);
  return at + 1;
}

/** @param from behind the opening quote */
function endOfText(text: string, from: number): number {
  for (let at = from; ; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at++;
    else if (Number.isNaN(code)) throw new JsonFault(at);
  }
}

function textAt(text: string, start: number, end: number): string {
  const name = text.slice(start + 1, end - 1);

  if (!/[\\\u0000-\u001f]/.test(name)) return name;
  return parseAll([text.slice(start, end)], [start])[0] as string;
}

function parseAll(values: readonly string[], places: readonly number[]): readonly unknown[] {
  try {
    const parsed = JSON.parse(`[${values.join(',')}]`) as unknown[];
    // A single value of nothing makes an empty list.
    if (parsed.length === values.length) return parsed;
    throw new SyntaxError('a value is missing');
  } catch {
    const broken = values.findIndex((value) => !isJson(value));
    throw new JsonFault(places[Math.max(0, broken)] ?? 0);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
