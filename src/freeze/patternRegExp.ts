import type { Token } from './patternSyntax';

/**
 * What lies between two `**`: pieces of fixed width with a `*` between each two.
 * `lead` is what the `**` before it becomes, empty for the first segment.
 */
interface Segment {
  readonly lead: string;
  readonly pieces: string[];
}

const ANYTHING = '[\\s\\S]';
const IN_PART = '[^./]';

/**
 * Translates alternatives into the source of one anchored regular expression that JavaScript
 * (flag `u`) and Python's `re` read alike, except that Python must use `\Z` or `fullmatch`.
 *
 * It cannot backtrack for long: every wildcard but the last takes the first place that fits and
 * keeps it, by `(?=(…))\n`, the portable spelling of an atomic group. That loses no match: a
 * `*` reaches no further than the separator after it and a `**` reaches everything, so what fits
 * behind a later place fits behind the first one as well.
 */
export function toRegExpSource(alternatives: readonly (readonly Token[])[]): string {
  const translator = new Translator();
  const [first = [], ...others] = alternatives;
  if (others.length === 0) return `^${translator.translate(first)}$`;
  const shared = sharedParts(first, others);
  const head = first.slice(0, shared).map(single).join('');
  const tails = alternatives.map((tokens) => translator.translate(tokens.slice(shared)));
  return `^${head}(?:${tails.join('|')})$`;
}

/** How many tokens the alternatives have in common that make whole parts without a wildcard. */
function sharedParts(first: readonly Token[], others: readonly (readonly Token[])[]): number {
  let shared = 0;
  for (const [at, token] of first.entries()) {
    if (token.kind !== 'char' && token.kind !== 'separator') break;
    if (!others.every((other) => isSame(other[at], token))) break;
    if (token.kind === 'separator') shared = at + 1;
  }
  return shared;
}

const isSame = (a: Token | undefined, b: Token): boolean =>
  a !== undefined && JSON.stringify(a) === JSON.stringify(b);

class Translator {
  /** Groups are numbered through all alternatives. */
  #groups = 0;

  translate(tokens: readonly Token[]): string {
    const { segments, below } = split(tokens);
    const wildcards = segments.reduce((sum, each) => sum + each.pieces.length, below ? 0 : -1);
    // Up to two wildcards backtrack at worst quadratically, and the plain form is faster.
    const atomic = wildcards > 2;
    const parts = segments.map((segment, index) => {
      const last = index === segments.length - 1 && !below;
      return this.#segment(segment, last, atomic);
    });
    return parts.join('') + (below ? `${ANYTHING}+` : '');
  }

  #segment({ lead, pieces }: Segment, last: boolean, atomic: boolean): string {
    const body = (): string =>
      pieces
        .map((piece, index) => {
          if (index === 0) return piece;
          const keeps = atomic && !(last && index === pieces.length - 1);
          return keeps ? this.#atomic(() => `${IN_PART}*?${piece}`) : `${IN_PART}*${piece}`;
        })
        .join('');
    if (lead === '') return body();
    return atomic && !last ? this.#atomic(() => lead + body()) : lead + body();
  }

  #atomic(source: () => string): string {
    this.#groups += 1;
    const group = this.#groups;
    // The group around the reference keeps a digit that follows from joining its number.
    return `(?=(${source()}))(?:\\${group})`;
  }
}

/** `below`: the pattern ends in `**` as a whole part, which needs something there. */
function split(tokens: readonly Token[]): { segments: Segment[]; below: boolean } {
  let segment: Segment = { lead: '', pieces: [''] };
  const segments = [segment];
  const append = (source: string): void => {
    segment.pieces.push((segment.pieces.pop() ?? '') + source);
  };
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.kind !== 'star') {
      append(single(token));
      continue;
    }
    const start = at;
    while (tokens[at + 1]?.kind === 'star') at += 1;
    if (at === start) {
      segment.pieces.push('');
      continue;
    }
    const before = tokens[start - 1];
    const after = tokens[at + 1];
    const whole =
      (before === undefined || before.kind === 'separator') &&
      (after === undefined || after.kind === 'separator');
    if (whole && after === undefined) return { segments, below: true };
    segment = { lead: whole && after ? parts(single(after)) : `${ANYTHING}*?`, pieces: [''] };
    if (whole) at += 1;
    const previous = segments.at(-1);
    // `**.**.` says no more than `**.`.
    if (whole && previous?.lead.endsWith(')??') && previous.pieces.join('') === '') {
      segments.pop();
      segment = { lead: parts('[./]'), pieces: [''] };
    }
    segments.push(segment);
  }
  return { segments, below: false };
}

/** Any number of whole parts, none included; `separator` ends each. */
const parts = (separator: string): string => `(?:${ANYTHING}*?${separator})??`;

/** The source for one token alone, which matches one character. */
function single(token: Token): string {
  switch (token.kind) {
    case 'char':
      return escapeRegExp(token.char);
    case 'separator':
      return token.exact ? escapeRegExp(token.char) : '[./]';
    case 'any':
    case 'star':
      return IN_PART;
    case 'class': {
      const ranges = token.ranges
        .map(([first, last]) =>
          first === last ? escapeInClass(first) : `${escapeInClass(first)}-${escapeInClass(last)}`,
        )
        .join('');
      // A range may run across the separators: [+-9].
      return token.negated ? `[^./${ranges}]` : `(?![./])[${ranges}]`;
    }
  }
}

const escapeRegExp = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
const escapeInClass = (char: string): string => char.replace(/[\\\]^[-]/, '\\$&');
