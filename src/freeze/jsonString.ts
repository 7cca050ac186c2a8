/** Where a character of a string's value stands between the quotes, escapes counted as written. */
export function rawOffset(raw: string, decoded: number): number {
  let at = 0;
  for (let passed = 0; passed < decoded && at < raw.length; passed += 1) {
    at += raw[at] !== '\\' ? 1 : raw[at + 1] === 'u' ? 6 : 2;
  }
  return at;
}

/** The value of what stands between the quotes; undefined for a bad or cut escape. */
export function stringValue(raw: string): string | undefined {
  try {
    const value: unknown = JSON.parse(`"${raw}"`);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A value as it stands between the quotes. */
export const rawString = (value: string): string => JSON.stringify(value).slice(1, -1);
