/**
 * Zip archives as checkpoints use them, by PKWARE's APPNOTE.TXT 6.3.10: stored and deflated
 * entries, ZIP64. Names are names and never become paths.
 */
import { crc32 } from 'node:zlib';
import type { ByteSource } from '../byteSource';
import type { Storage } from '../checkpoint';
import { CheckpointError, quoted } from '../checkpointError';
import { DeflatedStorage } from './deflatedStorage';
import { readDirectory } from './directory';
import { findDirectory } from './endOfDirectory';
import type { ZipEntry } from './entry';
import { StoredStorage } from './storedStorage';

export type { ZipEntry } from './entry';

export interface ZipArchive {
  /** By name, in the order of the central directory. */
  readonly entries: ReadonlyMap<string, ZipEntry>;
}

/** Whether the file begins as a zip archive with something in it. */
export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
}

/** Readers look into an archive one after the other to know it for theirs. */
const archives = new WeakMap<ByteSource, ZipArchive>();

/**
 * Reads the central directory, and nothing else, once for each source: 100,000 entries are one read.
 * @throws CheckpointError for what is no archive, entries that overlap or bear one name, encryption,
 * methods other than stored and deflated, sizes that the file cannot hold
 */
export function readZip(source: ByteSource): ZipArchive {
  let archive = archives.get(source);
  if (archive === undefined) {
    archive = { entries: readDirectory(source, findDirectory(source)) };
    archives.set(source, archive);
  }
  return archive;
}

/**
 * The content of an entry. Of the deflated entries of a file one is kept open at a time, so that
 * memory stays bounded: read each from its start to its end before the next.
 */
export function zipStorage(source: ByteSource, entry: ZipEntry): Storage {
  return entry.method === 'stored'
    ? new StoredStorage(source, entry)
    : new DeflatedStorage(source, entry);
}

/**
 * The whole content of an entry, whose checksum is verified.
 * @param most bytes that it may have
 * @throws CheckpointError when it has more, or is damaged
 */
export function readEntry(source: ByteSource, entry: ZipEntry, most: number): Uint8Array {
  if (entry.bytes > most) {
    const size = `${String(entry.bytes)} bytes`;
    const reason = `${entryText(entry)} has ${size}; no more than ${String(most)} are read of it.`;
    throw new CheckpointError(source.name, entry.header, reason);
  }
  const content = new Uint8Array(entry.bytes);
  zipStorage(source, entry).readInto(0, content);
  if (entry.crc32 !== null && crc32(content) !== entry.crc32) {
    const reason = `${entryText(entry)} does not agree with its checksum: the file is damaged.`;
    throw new CheckpointError(source.name, entry.header, reason);
  }
  return content;
}

function entryText({ name }: ZipEntry): string {
  return `the archive's ${quoted(name)}`;
}
