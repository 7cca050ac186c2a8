import { parseTree, printParseErrorCode, visit, type Node } from 'jsonc-parser';
import type { RawProblem } from './problem';

/** Strict JSON as a tree with positions, or what keeps it from being JSON. */
export interface JsonText {
  /** Null when the text is no JSON at all; set when only comments or trailing commas are wrong. */
  readonly root: Node | null;
  readonly problems: readonly RawProblem[];
}

/** Reads strict JSON; a byte order mark in front is allowed. Never throws. */
export function readJson(text: string): JsonText {
  const json = text.replace(/^\uFEFF/, ' ');
  if (json.trim() === '') {
    return failed({
      offset: 0,
      length: 0,
      text: 'The file is empty.',
      advice: 'Write {"freeze": []} to begin with.',
    });
  }
  try {
    const problems = syntaxProblems(json);
    const broken = problems.some((problem) => problem.fatal);
    const root = broken ? null : (parseTree(json, [], { allowTrailingComma: true }) ?? null);
    return { root, problems };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return failed({
      offset: 0,
      length: json.length,
      text: 'The JSON is nested too deeply.',
      advice: 'A config is an object with a list of rules.',
    });
  }
}

const failed = (problem: RawProblem): JsonText => ({ root: null, problems: [problem] });

interface SyntaxProblem extends RawProblem {
  /** The structure of the text is unclear from here on. */
  readonly fatal: boolean;
}

/** A backslash behind any number of pairs of them, which are escapes themselves. */
const BAD_ESCAPE = /(?<=(?<!\\)(?:\\\\)*)\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})[^]?/;

/** Deeper than any config; the parser is recursive. */
const MOST_DEPTH = 1000;

/** Comments and trailing commas up to the first fatal problem, and that one. */
function syntaxProblems(json: string): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  let comma: { offset: number; length: number } | null = null;
  let depth = 0;
  const other = (): void => {
    comma = null;
  };
  const opening = (): void => {
    comma = null;
    depth += 1;
    if (depth > MOST_DEPTH) throw new RangeError('nested too deeply');
  };
  const closing = (): void => {
    if (comma) {
      problems.push({
        ...comma,
        text: 'JSON allows no comma before a closing bracket.',
        advice: 'Remove it.',
        fatal: false,
      });
    }
    comma = null;
    depth -= 1;
  };
  visit(
    json,
    {
      onObjectBegin: opening,
      onArrayBegin: opening,
      onObjectProperty: other,
      onLiteralValue: other,
      onObjectEnd: closing,
      onArrayEnd: closing,
      onSeparator: (character, offset, length) => {
        comma = character === ',' ? { offset, length } : null;
      },
      onComment: (offset, length) => {
        problems.push({
          offset,
          length,
          text: 'JSON allows no comments.',
          advice: 'Remove it, or keep the note in another file.',
          fatal: false,
        });
      },
      onError: (code, offset, length) => {
        problems.push({
          ...describe(printParseErrorCode(code), json, offset, length),
          fatal: true,
        });
      },
    },
    { allowTrailingComma: true },
  );
  problems.sort((a, b) => a.offset - b.offset);
  const first = problems.findIndex((problem) => problem.fatal);
  return first < 0 ? problems : problems.slice(0, first + 1);
}

function describe(code: string, json: string, offset: number, length: number): RawProblem {
  const token = json.slice(offset, offset + length);
  const found = token === '' ? 'the end of the file' : shorten(token);
  const at = (text: string, advice: string): RawProblem => ({
    offset,
    length: token.length,
    text,
    advice,
  });
  switch (code) {
    case 'InvalidSymbol':
      return at(`${found} is not JSON.`, symbolAdvice(token));
    case 'InvalidNumberFormat':
    case 'UnexpectedEndOfNumber':
      return at(`${found} is not a number of JSON.`, 'Write it like 5.');
    case 'PropertyNameExpected':
      return at(`Expected a key, found ${found}.`, 'Write the key in double quotes.');
    case 'ValueExpected':
      return at(`Expected a value, found ${found}.`, 'Add the value, or remove what asks for it.');
    case 'ColonExpected':
      return at(`Expected ":" after the key, found ${found}.`, 'Add the colon.');
    case 'CommaExpected':
      if (/^[}\]]/.test(token)) {
        const opened = token === '}' ? ['list', ']'] : ['object', '}'];
        return at(`Expected "${opened[1]}", found ${found}.`, `Close the ${opened[0]} first.`);
      }
      return at(`Expected "," before ${found}.`, 'Add the comma.');
    case 'CloseBraceExpected':
      return at(`Expected "}", found ${found}.`, 'Close the object.');
    case 'CloseBracketExpected':
      return at(`Expected "]", found ${found}.`, 'Close the list.');
    case 'EndOfFileExpected':
      return at(`${found} stands after the end of the JSON.`, 'Remove it.');
    case 'UnexpectedEndOfComment':
      return at('JSON allows no comments, and this one has no end.', 'Remove it.');
    case 'UnexpectedEndOfString':
      return at('The string has no end.', "Close it with '\"' on the same line.");
    case 'InvalidEscapeCharacter':
    case 'InvalidUnicode':
      return within(BAD_ESCAPE, token, offset, (escape) => ({
        text: `${escape} is no escape of JSON.`,
        advice: 'Write a backslash as "\\\\".',
      }));
    case 'InvalidCharacter':
      return within(/[\u0000-\u001f]/, token, offset, () => ({
        text: 'JSON allows no control character in a string.',
        advice: 'Write a tab as "\\t".',
      }));
    default:
      return at(`${found} is not JSON.`, 'Correct it.');
  }
}

/** Places a problem of a string at the characters that cause it. */
function within(
  cause: RegExp,
  token: string,
  offset: number,
  words: (found: string) => { text: string; advice: string },
): RawProblem {
  const match = cause.exec(token);
  const found = match?.[0] ?? token;
  return { offset: offset + (match?.index ?? 0), length: found.length, ...words(found) };
}

function symbolAdvice(token: string): string {
  if (token.startsWith("'")) return 'Use double quotes.';
  const constant = /^(true|false|null|none|nil)$/i.exec(token)?.[0].toLowerCase();
  if (constant) return `Write ${/^n/.test(constant) ? 'null' : constant}.`;
  return 'Text stands in double quotes.';
}

function shorten(token: string): string {
  const line = /^.*/.exec(token)?.[0] ?? '';
  const short = line.length > 30 ? `${line.slice(0, 30)}…` : line;
  return short.startsWith('"') ? short : `"${short}"`;
}
