import { crc32, deflateRawSync } from 'node:zlib';

/** An entry to write, and what to say of it that is not so. */
export interface Written {
  readonly name: string;
  readonly content: Uint8Array;
  readonly deflate?: boolean;
  readonly method?: number;
  readonly flags?: number;
  readonly crc32?: number;
  /** What the central directory says of it. */
  readonly bytes?: number;
  readonly header?: number;
  /** What its local header says of it. */
  readonly localName?: string;
  readonly localBytes?: number;
  /** Bytes of padding in the local header's extra field. */
  readonly padding?: number;
}

/** A zip archive, written by hand so that it may lie. */
export function zipFile(entries: readonly Written[], comment = ''): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  const add = (part: Buffer): void => {
    parts.push(part);
    at += part.length;
  };
  for (const entry of entries) {
    const header = at;
    const data =
      entry.deflate === true ? deflateRawSync(entry.content) : Buffer.from(entry.content);
    const method = entry.method ?? (entry.deflate === true ? 8 : 0);
    const sum = entry.crc32 ?? crc32(entry.content);
    const local = Buffer.from(entry.localName ?? entry.name);
    const fields = (bytes: number, name: Buffer): Buffer => {
      const common = Buffer.alloc(26);
      common.writeUInt16LE(20, 0);
      common.writeUInt16LE(entry.flags ?? 0, 2);
      common.writeUInt16LE(method, 4);
      common.writeUInt32LE(sum, 10);
      common.writeUInt32LE(data.length, 14);
      common.writeUInt32LE(bytes, 18);
      common.writeUInt16LE(name.length, 22);
      return common;
    };
    const head = fields(entry.localBytes ?? entry.bytes ?? entry.content.length, local);
    head.writeUInt16LE(entry.padding ?? 0, 24);
    add(Buffer.concat([Buffer.from('PK\x03\x04'), head, local, Buffer.alloc(entry.padding ?? 0)]));
    add(data);
    const name = Buffer.from(entry.name);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(entry.header ?? header, 10);
    const said = fields(entry.bytes ?? entry.content.length, name);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), said, rest, name]));
  }
  const start = at;
  for (const record of directory) add(record);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(at - start, 12);
  end.writeUInt32LE(start, 16);
  end.writeUInt16LE(comment.length, 20);
  add(end);
  add(Buffer.from(comment));
  return new Uint8Array(Buffer.concat(parts));
}
