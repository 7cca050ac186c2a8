/** An entry of a header, before its dtype is known and its numbers make sense. */
export class PlainEntry {
  constructor(
    readonly dtype: string,
    readonly shape: readonly number[],
    readonly begin: number,
    readonly end: number,
  ) {}
}

const DTYPE = '{"dtype":"';
const SHAPE = '","shape":[';
const PLACE = '],"data_offsets":[';
const END = ']}';

const COMMA = 0x2c;
const [ZERO, NINE] = [0x30, 0x39] as const;
/** Digits of a number that is exact for certain. */
const MOST_DIGITS = 15;

/**
 * Reads entries as the safetensors library writes them, to the letter: three times as fast as
 * `JSON.parse`. All others it leaves alone.
 */
export class EntryScanner {
  /** Behind what was read last. */
  at = 0;
  #dtype = '?';

  constructor(private readonly text: string) {}

  /** @returns null for an entry that is written in another way */
  read(from: number): PlainEntry | null {
    const { text } = this;
    if (!text.startsWith(DTYPE, from)) return null;
    this.at = from + DTYPE.length;
    // Most entries have the dtype of the one before.
    if (!(text.startsWith(this.#dtype, this.at) && text.startsWith(SHAPE, this.#behindDtype()))) {
      const quote = text.indexOf('"', this.at);
      const dtype = text.slice(this.at, quote);
      if (!/^[A-Z0-9_]{1,16}$/.test(dtype) || !text.startsWith(SHAPE, quote)) return null;
      this.#dtype = dtype;
    }
    this.at = this.#behindDtype() + SHAPE.length;
    const shape: number[] = [];
    if (!text.startsWith(PLACE, this.at)) {
      do shape.push(this.#number());
      while (this.#takesComma());
    }
    if (!text.startsWith(PLACE, this.at)) return null;
    this.at += PLACE.length;
    const begin = this.#number();
    if (!this.#takesComma()) return null;
    const end = this.#number();
    if (!text.startsWith(END, this.at)) return null;
    this.at += END.length;
    const whole = begin >= 0 && end >= 0 && !shape.includes(-1);
    return whole ? new PlainEntry(this.#dtype, shape, begin, end) : null;
  }

  #behindDtype(): number {
    return this.at + this.#dtype.length;
  }

  #takesComma(): boolean {
    if (this.text.charCodeAt(this.at) !== COMMA) return false;
    this.at++;
    return true;
  }

  /** -1 when no number stands here that is written in the usual way. */
  #number(): number {
    const start = this.at;
    let value = 0;
    for (let code = this.text.charCodeAt(start); code >= ZERO && code <= NINE;) {
      value = value * 10 + code - ZERO;
      code = this.text.charCodeAt(++this.at);
    }
    const digits = this.at - start;
    const zero = digits > 1 && this.text.charCodeAt(start) === ZERO;
    return digits === 0 || digits > MOST_DIGITS || zero ? -1 : value;
  }
}
