import { inflateRawSync } from 'node:zlib';

export interface PlainEntry {
  readonly name: string;
  readonly content: Uint8Array;
  readonly deflated: boolean;
}

/** The entries of an archive that a library wrote; throws for anything unusual. */
export function unzip(file: Uint8Array): readonly PlainEntry[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const count = bytes.readUInt16LE(end + 10);
  const entries: PlainEntry[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    const [nameLength, extraLength] = [bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30)];
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const deflated = bytes.readUInt16LE(at + 10) === 8;
    const compressed = bytes.readUInt32LE(at + 20);
    const header = bytes.readUInt32LE(at + 42);
    const from = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
    const data = bytes.subarray(from, from + compressed);
    entries.push({ name, content: deflated ? inflateRawSync(data) : data, deflated });
    at += 46 + nameLength + extraLength + bytes.readUInt16LE(at + 32);
  }
  return entries;
}
