/** Numbers and lists in sentences. */
const number = new Intl.NumberFormat('en');

/** `1,234`. */
export function formatCount(count: number): string {
  return number.format(count);
}

/** `1 tensor`, `2 tensors`. */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A difference of values, in two digits: `1.0e-7`. */
export function formatDelta(delta: number | 'NaN' | 'Infinity'): string {
  return typeof delta === 'string' ? delta : delta.toExponential(1);
}

/** The first `most` parts, and how many are left out: `a; b; and 12 more`. */
export function cutList(parts: readonly string[], most: number, separator = '; '): string {
  const shown = parts.slice(0, most).join(separator);
  return parts.length <= most ? shown : `${shown} and ${formatCount(parts.length - most)} more`;
}
