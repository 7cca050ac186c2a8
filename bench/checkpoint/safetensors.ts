import { randomFillSync } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';

/** Writes a safetensors file of float32 tensors with `bytes` each, whose values do not matter. */
export function writeSafetensors(path: string, names: readonly string[], bytes: number): void {
  const header = Object.fromEntries(
    names.map((name, index) => [
      name,
      { dtype: 'F32', shape: [bytes / 4], data_offsets: [index * bytes, (index + 1) * bytes] },
    ]),
  );
  // Padded with spaces to a multiple of 8, as the library does.
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(text.length / 8) * 8, ' ');
  text.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const file = openSync(path, 'w');
  writeSync(file, length);
  writeSync(file, padded);
  const values = randomFillSync(Buffer.alloc(bytes));
  names.forEach((_, index) => {
    values.writeUInt32LE(index);
    writeSync(file, values);
  });
  closeSync(file);
}
