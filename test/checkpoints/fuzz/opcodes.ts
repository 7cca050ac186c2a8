/** The arguments of pickle's opcodes, by Python's pickletools.py: to cut a pickle into its opcodes. */
const FIXED = new Map<number, number>([
  ...numbered('K\x80qh\x82', 1),
  ...numbered('M', 2),
  ...numbered('Jrj', 4),
  ...numbered('G\x95', 8),
  ...numbered('\x83', 2),
  ...numbered('\x84', 4),
]);
/** Bytes of the length before the content. */
const COUNTED = new Map<number, number>([
  ...numbered('U\x8aC\x8c', 1),
  ...numbered('TX\x8bB', 4),
  ...numbered('\x8d\x8e\x96', 8),
]);
/** Lines behind the opcode. */
const LINES = new Map<number, number>([...numbered('FILPSVgp', 1), ...numbered('ci', 2)]);

function numbered(characters: string, value: number): [number, number][] {
  return Array.from(characters, (character) => [character.charCodeAt(0), value]);
}

const STOP = 0x2e;
const PROTO = 0x80;

/**
 * The opcodes of the pickles at the start of the bytes, each with its argument, and what is behind
 * the last pickle.
 */
export function cutPickle(bytes: Uint8Array): {
  readonly opcodes: readonly Uint8Array[];
  readonly rest: Uint8Array;
} {
  const opcodes: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = Math.min(bytes.length, at + lengthAt(bytes, at));
    const code = bytes[at];
    opcodes.push(bytes.slice(at, end));
    at = end;
    if (code === STOP && bytes[at] !== PROTO) break;
  }
  return { opcodes, rest: bytes.slice(at) };
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const code = bytes[at] ?? 0;
  const counted = COUNTED.get(code);
  if (counted !== undefined) {
    let length = 0;
    for (let index = 0; index < counted; index += 1) {
      length += (bytes[at + 1 + index] ?? 0) * 256 ** index;
    }
    return 1 + counted + length;
  }
  let end = at + 1;
  for (let lines = LINES.get(code) ?? 0; lines > 0; lines -= 1) {
    const next = bytes.indexOf(0x0a, end);
    end = next < 0 ? bytes.length : next + 1;
  }
  return end - at + (FIXED.get(code) ?? 0);
}
