import type { ByteSource } from '../byteSource';
import { CheckpointError } from '../checkpointError';
import { readUint64 } from './zip64';

/** Where the central directory lies. */
export interface DirectoryPlace {
  readonly entries: number;
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
}

const END = 22;
const LOCATOR = 20;
const END64 = 56;
const MOST_COMMENT = 0xffff;

/**
 * Finds the end record by searching backwards over a comment (APPNOTE 4.3.16), and the ZIP64 record
 * before it, which torch always writes.
 * @throws CheckpointError
 */
export function findDirectory(source: ByteSource): DirectoryPlace {
  const length = Math.min(source.size, END + MOST_COMMENT);
  const start = source.size - length;
  const tail = source.read(start, length);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  let at = length - END;
  while (at >= 0 && !isEnd(view, at)) at--;
  if (at < 0) {
    const reason = 'the zip archive has no end: the file is cut short, for example by a download.';
    throw new CheckpointError(source.name, source.size, reason);
  }
  const end = start + at;
  const place = readEnd64(source, end) ?? {
    entries: view.getUint16(at + 10, true),
    size: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  };
  const disks = view.getUint16(at + 4, true) + view.getUint16(at + 6, true);
  if (disks !== 0 && disks !== 2 * 0xffff) {
    throw new CheckpointError(source.name, end, 'the zip archive spans several files.');
  }
  checkAgrees(source, end, view, at, place);
  if (place.offset + place.size > end) {
    const reason = 'the zip archive says that its directory ends behind its end record.';
    throw new CheckpointError(source.name, end, reason);
  }
  return place;
}

function isEnd(view: DataView, at: number): boolean {
  if (view.getUint32(at, true) !== 0x06054b50) return false;
  return at + END + view.getUint16(at + 20, true) <= view.byteLength;
}

function readEnd64(source: ByteSource, end: number): DirectoryPlace | null {
  if (end < LOCATOR + END64) return null;
  const locator = viewOf(source.read(end - LOCATOR, LOCATOR));
  if (locator.getUint32(0, true) !== 0x07064b50) return null;
  const at = readUint64(locator, 8);
  if (at === undefined || at + END64 > end - LOCATOR) throw noEnd64(source, end - LOCATOR);
  const record = viewOf(source.read(at, END64));
  const entries = readUint64(record, 32);
  const size = readUint64(record, 40);
  const offset = readUint64(record, 48);
  const known = entries !== undefined && size !== undefined && offset !== undefined;
  if (record.getUint32(0, true) !== 0x06064b50 || !known) throw noEnd64(source, at);
  return { entries, size, offset };
}

/** Two readers must not see two archives in one file. */
function checkAgrees(
  source: ByteSource,
  end: number,
  view: DataView,
  at: number,
  { entries, size, offset }: DirectoryPlace,
): void {
  const agrees = (said: number, unknown: number, value: number): boolean =>
    said === unknown || said === value;
  if (
    agrees(view.getUint16(at + 10, true), 0xffff, entries) &&
    agrees(view.getUint32(at + 12, true), 0xffffffff, size) &&
    agrees(view.getUint32(at + 16, true), 0xffffffff, offset)
  ) {
    return;
  }
  const reason = 'the zip archive has two end records that disagree: it is made to deceive.';
  throw new CheckpointError(source.name, end, reason);
}

function noEnd64(source: ByteSource, offset: number): CheckpointError {
  return new CheckpointError(source.name, offset, 'the ZIP64 end record is damaged.');
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
