const UNKNOWN = 0xffffffff;
const ZIP64_FIELD = 1;

/**
 * Replaces each of `values` that is 0xffffffff by the next 64-bit value in the ZIP64 field of the
 * extra fields in `bytes` from `start` to `end` (APPNOTE 4.5.3); by undefined where there is none,
 * or none below 2^53.
 */
export function zip64Values(
  bytes: Uint8Array,
  start: number,
  end: number,
  values: readonly number[],
): readonly (number | undefined)[] {
  if (!values.includes(UNKNOWN)) return values;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  while (at + 4 <= end && view.getUint16(at, true) !== ZIP64_FIELD) {
    at += 4 + view.getUint16(at + 2, true);
  }
  const fieldEnd = at + 4 <= end ? Math.min(end, at + 4 + view.getUint16(at + 2, true)) : 0;
  at += 4;
  return values.map((value) => {
    if (value !== UNKNOWN) return value;
    if (at + 8 > fieldEnd) return undefined;
    at += 8;
    return readUint64(view, at - 8);
  });
}

/** An unsigned 64-bit number; undefined when it is none that a double holds exactly. */
export function readUint64(view: DataView, at: number): number | undefined {
  const value = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  return Number.isSafeInteger(value) ? value : undefined;
}
