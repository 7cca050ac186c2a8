import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of an archive that may say of itself what is not true. */
export interface LyingEntry {
  readonly name: string;
  readonly content: Uint8Array;
  readonly deflated?: boolean;
  /** What both headers say; what is true otherwise. */
  readonly flags?: number;
  readonly method?: number;
  readonly crc?: number;
  readonly bytes?: number;
  readonly compressedBytes?: number;
  /** What the local header says. */
  readonly localName?: string;
  /** Where the directory says that the local header is. */
  readonly header?: number;
  /** Of the entry before it, whose data this one has too. */
  readonly sharesData?: boolean;
}

/** By content, as a test may put a large one into many archives. */
const checksums = new WeakMap<Uint8Array, number>();
const compressed = new WeakMap<Uint8Array, Buffer>();

function once<T>(known: WeakMap<Uint8Array, T>, content: Uint8Array, make: () => T): T {
  const value = known.get(content) ?? make();
  known.set(content, value);
  return value;
}

/** A zip archive with sizes and checksums as the entries want them. */
export function zipOf(
  entries: readonly LyingEntry[],
  { entries: count = entries.length }: { readonly entries?: number } = {},
): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let [at, header] = [0, 0];
  let data: Uint8Array = new Uint8Array(0);
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const localName = Buffer.from(entry.localName ?? entry.name);
    if (entry.sharesData !== true) {
      header = at;
      const { content } = entry;
      data =
        entry.deflated === true
          ? once(compressed, content, () => deflateRawSync(content))
          : Buffer.from(content);
    }
    const facts = Buffer.alloc(24);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(entry.flags ?? 0x800, 2);
    facts.writeUInt16LE(entry.method ?? (entry.deflated === true ? 8 : 0), 4);
    facts.writeUInt32LE(
      entry.crc ?? once(checksums, entry.content, () => crc32(entry.content)),
      10,
    );
    facts.writeUInt32LE(entry.compressedBytes ?? data.length, 14);
    facts.writeUInt32LE(entry.bytes ?? entry.content.length, 18);
    facts.writeUInt16LE(localName.length, 22);
    if (entry.sharesData !== true) {
      const local = Buffer.concat([signature(0x04034b50), facts, word(0), localName, data]);
      parts.push(local);
      at += local.length;
    }
    facts.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(16);
    place.writeUInt32LE(entry.header ?? header, 12);
    directory.push(Buffer.concat([signature(0x02014b50), word(20), facts, place, name]));
  }
  const records = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(count & 0xffff, 4);
  end.writeUInt16LE(count & 0xffff, 6);
  end.writeUInt32LE(records.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, records, signature(0x06054b50), end]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}
