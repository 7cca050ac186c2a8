import type { ByteSource } from '../byteSource';
import { CheckpointError, quoted } from '../checkpointError';
import type { DirectoryPlace } from './endOfDirectory';
import { DirectoryEntry, type DirectoryRecord, type ZipEntry } from './entry';
import { zip64Values } from './zip64';

const RECORD = 46;
/** Bytes of a directory: room for a million entries of torch. */
const MOST_BYTES = 128 * 1024 * 1024;
/** General purpose bits 0, 6 and 13: encrypted, strongly, or the directory itself. */
const ENCRYPTED = 1 | 0x40 | 0x2000;
/** Deflate makes no more of a byte (zlib's technical notes: 1032 to 1). */
const MOST_RATIO = 1032;

/**
 * Reads all entries by one read.
 * @throws CheckpointError as `readZip`
 */
export function readDirectory(
  source: ByteSource,
  place: DirectoryPlace,
): ReadonlyMap<string, ZipEntry> {
  if (place.size > MOST_BYTES || place.entries * RECORD > place.size) {
    const what = `${String(place.entries)} entries in ${String(place.size)} bytes`;
    const reason = `the directory of the zip archive cannot be right: ${what}.`;
    throw new CheckpointError(source.name, place.offset, reason);
  }
  const directory = new Directory(source, place);
  const entries = new Map<string, DirectoryEntry>();
  for (let count = 0; count < place.entries; count++) {
    const record = directory.next();
    if (entries.has(record.name)) throw directory.fault(record.name, 'stands in it twice');
    entries.set(record.name, new DirectoryEntry(source, record));
  }
  separate(source, place.offset, entries);
  return entries;
}

class Directory {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #text: Buffer;
  /** The record being read, and the one behind it. */
  #at = 0;
  #next = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly place: DirectoryPlace,
  ) {
    const bytes = source.read(place.offset, place.size);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  next(): DirectoryRecord {
    const view = this.#view;
    const at = (this.#at = this.#next);
    if (at + RECORD > view.byteLength || view.getUint32(at, true) !== 0x02014b50) {
      throw this.#damaged();
    }
    const nameEnd = at + RECORD + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    this.#next = extraEnd + view.getUint16(at + 32, true);
    if (this.#next > view.byteLength) throw this.#damaged();
    const name = this.#text.toString('utf8', at + RECORD, nameEnd);
    const flags = view.getUint16(at + 8, true);
    if ((flags & ENCRYPTED) !== 0) {
      throw this.fault(name, 'is encrypted. Decrypt it with the tool that made it');
    }
    const method = methodOf(view.getUint16(at + 10, true));
    if (method === null) {
      throw this.fault(name, 'is compressed by a method other than deflate. Save it without');
    }
    const [bytes, compressedBytes, header] = zip64Values(this.#bytes, nameEnd, extraEnd, [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ]);
    const known = bytes !== undefined && compressedBytes !== undefined && header !== undefined;
    const disk = view.getUint16(at + 34, true);
    if (!known || disk !== 0 || !possible(method, bytes, compressedBytes)) {
      throw this.fault(name, 'has a size or place there that cannot be right');
    }
    const nameBytes = this.#bytes.subarray(at + RECORD, nameEnd);
    const rawCrc32 = view.getUint32(at + 16, true);
    return { name, nameBytes, flags, method, rawCrc32, compressedBytes, bytes, header };
  }

  fault(name: string, what: string): CheckpointError {
    const reason = `the zip archive's directory: ${quoted(name)} ${what}.`;
    return new CheckpointError(this.source.name, this.place.offset + this.#at, reason);
  }

  #damaged(): CheckpointError {
    const reason = 'the directory of the zip archive is damaged.';
    return new CheckpointError(this.source.name, this.place.offset + this.#at, reason);
  }
}

function methodOf(method: number): ZipEntry['method'] | null {
  return method === 0 ? 'stored' : method === 8 ? 'deflated' : null;
}

function possible(method: ZipEntry['method'], bytes: number, compressed: number): boolean {
  return method === 'stored' ? bytes === compressed : bytes <= compressed * MOST_RATIO;
}

/** Refuses entries that share bytes: by them a small archive unfolds without end. */
function separate(
  source: ByteSource,
  directory: number,
  entries: ReadonlyMap<string, DirectoryEntry>,
): void {
  const sorted = [...entries.values()].sort((one, other) => one.header - other.header);
  for (const [index, entry] of sorted.entries()) {
    entry.limit = sorted[index + 1]?.header ?? directory;
    if (entry.earliestEnd <= entry.limit) continue;
    const name = quoted(entry.name);
    const reason = `the archive's ${name} overlaps what follows it: it is damaged or made to deceive.`;
    throw new CheckpointError(source.name, entry.header, reason);
  }
}
