import type { Value } from './value';

/** Digits or bytes of a number: converting more takes time that grows with their square. */
const MOST = 1024;

/** An INT or LONG of protocol 0; undefined when it is none. */
export function parseInteger(line: string): Value | undefined {
  if (line === '00') return false;
  if (line === '01') return true;
  const digits = line.endsWith('L') ? line.slice(0, -1) : line;
  if (digits.length > MOST || !/^[ \t]*[+-]?\d+[ \t\r]*$/.test(digits)) return undefined;
  return small(BigInt(digits.trim().replace(/^\+/, '')));
}

/** A FLOAT of protocol 0, by Python's `repr`; undefined when it is none. */
export function parseFloating(line: string): number | undefined {
  const special = new Map([
    ['nan', NaN],
    ['inf', Infinity],
    ['-inf', -Infinity],
  ]).get(line);
  if (special !== undefined) return special;
  const value = line.trim() === '' || line.length > MOST ? NaN : Number(line);
  return Number.isNaN(value) ? undefined : value;
}

/** Two's complement, the lowest byte first; undefined when it is too long. */
export function decodeLong(bytes: Uint8Array): Value | undefined {
  if (bytes.length > MOST) return undefined;
  if (bytes.length === 0) return 0;
  const hex = Buffer.from(bytes).reverse().toString('hex');
  return small(BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`)));
}

function small(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
