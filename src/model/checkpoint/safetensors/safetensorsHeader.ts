/**
 * The header of a safetensors file, by https://github.com/huggingface/safetensors#format: its
 * length as an unsigned 64-bit number, then JSON, then the bytes of all tensors without gaps.
 */
import type { ByteSource } from '../byteSource';
import { CheckpointError } from '../checkpointError';
import { bitsOf, type Dtype } from '../dtypes';
import { PlainEntry } from './entryScanner';
import { JsonFault, jsonMembers, type JsonMembers } from './jsonMembers';
import { safetensorsDtype } from './safetensorsDtypes';

/** Bytes of the number before the header. */
const PREFIX = 8;

/** `MAX_HEADER_SIZE` of safetensors/src/tensor.rs. */
const MAX_HEADER = 100_000_000;

const METADATA = '__metadata__';
/** Of an entry. */
const FIELDS = 3;

/** A tensor as the header describes it; checked against the file. */
export interface HeaderEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly bytes: number;
}

export interface SafetensorsHeader {
  /** In the order of the header. */
  readonly entries: readonly HeaderEntry[];
  /** What the writer noted, as `format: pt`. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Whether a file that begins with `head` is meant to be one, whatever length it states. */
export function looksLikeSafetensors(head: Uint8Array): boolean {
  if (head.length <= PREFIX || head[PREFIX] !== 0x7b) return false;
  // Eight letters are a text: as a length they would be more bytes than any disk has.
  return !head.subarray(0, PREFIX).every((byte) => byte >= 0x09 && byte < 0x7f);
}

/**
 * @throws CheckpointError for a file that the safetensors library refuses too: a header that is
 * longer than the file, tensors that overlap or leave bytes out, sizes that contradict the shape
 */
export function readSafetensorsHeader(source: ByteSource): SafetensorsHeader {
  const { text, length } = readHeaderText(source);
  const members = parseHeader(source, text);
  const dataAt = PREFIX + length;
  const entries: HeaderEntry[] = [];
  const metadata = new Map<string, string>();
  const fail: Fail = (name, reason) => {
    const place = members.places[members.names.indexOf(name)] ?? 0;
    throw new CheckpointError(source.name, offsetOf(text, place), `${quoted(name)}: ${reason}`);
  };
  if (new Set(members.names).size !== members.names.length) throw repeated(source, text, members);
  for (const [index, name] of members.names.entries()) {
    const value = members.values[index];
    if (name === METADATA) readMetadata(value, metadata, fail);
    else entries.push(readEntry(name, value, dataAt, fail));
  }
  if (members.innerKeys !== entries.length * FIELDS + metadata.size) checkFields(members, fail);
  checkCoverage(source, entries, dataAt, fail);
  return { entries, metadata };
}

/** Ends the reading because of the tensor `name`. */
type Fail = (name: string, reason: string) => never;

function readHeaderText(source: ByteSource): { readonly text: string; readonly length: number } {
  const prefix = source.read(0, PREFIX);
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  const says = `the header says that it is ${String(length)} bytes long`;
  if (length > MAX_HEADER) {
    const most = `safetensors allows ${String(MAX_HEADER)}: the file is damaged.`;
    throw new CheckpointError(source.name, 0, `${says}, ${most}`);
  }
  if (Number(length) > source.size - PREFIX) {
    const size = `the file is ${String(source.size)}: it is cut short or damaged.`;
    throw new CheckpointError(source.name, 0, `${says}, ${size}`);
  }
  const bytes = source.read(PREFIX, Number(length));
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { text, length: bytes.length };
  } catch {
    throw new CheckpointError(source.name, PREFIX, 'the header is not UTF-8: it is damaged.');
  }
}

function parseHeader(source: ByteSource, text: string): JsonMembers {
  try {
    return jsonMembers(text);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    const reason = 'the header is no JSON object: the file is damaged.';
    throw new CheckpointError(source.name, offsetOf(text, error.at), reason);
  }
}

/** Bytes from the start of the file to a place in the header. */
function offsetOf(text: string, at: number): number {
  return PREFIX + Buffer.byteLength(text.slice(0, at));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readMetadata(value: unknown, metadata: Map<string, string>, fail: Fail): void {
  if (!isObject(value)) fail(METADATA, 'it should be an object of texts.');
  for (const key of Object.keys(value)) {
    const text = value[key];
    if (typeof text !== 'string') fail(METADATA, `${quoted(key)} should be a text.`);
    metadata.set(key, text);
  }
}

function readEntry(name: string, value: unknown, dataAt: number, fail: Fail): HeaderEntry {
  const { dtype: dtypeName, shape, begin, end } = plainEntry(name, value, fail);
  const dtype = safetensorsDtype(dtypeName);
  if (dtype === undefined) {
    fail(name, `its dtype ${quoted(dtypeName)} is none that Permafrost knows.`);
  }
  if (end < begin) fail(name, 'its data_offsets end before they begin.');
  let elements = 1;
  for (const size of shape) elements *= size;
  if ((elements * bitsOf(dtype)) / 8 !== end - begin || !Number.isSafeInteger(elements)) {
    const bytes = String(end - begin);
    fail(name, `its data_offsets hold ${bytes} bytes, which is not what its shape and dtype take.`);
  }
  return { name, dtype, shape, offset: dataAt + begin, bytes: end - begin };
}

function plainEntry(name: string, value: unknown, fail: Fail): PlainEntry {
  if (value instanceof PlainEntry) return value;
  if (!isObject(value)) fail(name, 'it should be an object with dtype, shape and data_offsets.');
  const { dtype, shape, data_offsets: place } = value;
  if (typeof dtype !== 'string') fail(name, 'its dtype should be a text.');
  if (!isSizes(shape)) fail(name, 'its shape should be a list of sizes.');
  if (!isSizes(place) || place.length !== 2) fail(name, 'its data_offsets should be two places.');
  return new PlainEntry(dtype, shape, place[0] ?? 0, place[1] ?? 0);
}

/** Whether it is a list of whole numbers that are not negative. */
function isSizes(value: unknown): value is readonly number[] {
  if (!Array.isArray(value)) return false;
  for (const each of value as readonly unknown[]) {
    if (!Number.isSafeInteger(each) || (each as number) < 0) return false;
  }
  return true;
}

/** The bytes behind the header must belong to one tensor each, all of them. */
function checkCoverage(
  source: ByteSource,
  entries: readonly HeaderEntry[],
  dataAt: number,
  fail: Fail,
): void {
  let end = dataAt;
  for (const { name, offset, bytes } of inOrder(entries)) {
    if (offset + bytes > source.size) {
      fail(name, `it ends ${String(offset + bytes - source.size)} bytes behind the file's end.`);
    }
    if (offset < end) fail(name, 'its bytes belong to another tensor too.');
    if (offset > end)
      fail(name, `the ${String(offset - end)} bytes before it belong to no tensor.`);
    end = offset + bytes;
  }
  if (end === source.size) return;
  const left = String(source.size - end);
  throw new CheckpointError(source.name, end, `the last ${left} bytes belong to no tensor.`);
}

function inOrder(entries: readonly HeaderEntry[]): readonly HeaderEntry[] {
  // An empty tensor lies before the one that begins at its place.
  const order = (a: HeaderEntry, b: HeaderEntry): number =>
    a.offset - b.offset || a.bytes - b.bytes;
  const sorted = entries.every((each, index) => order(entries[index - 1] ?? each, each) <= 0);
  return sorted ? entries : entries.toSorted(order);
}

function repeated(
  source: ByteSource,
  text: string,
  { names, places }: JsonMembers,
): CheckpointError {
  const seen = new Set<string>();
  const index = names.findIndex((name) => seen.size === seen.add(name).size);
  const reason = `two entries are called ${quoted(names[index])}.`;
  return new CheckpointError(source.name, offsetOf(text, places[index] ?? 0), reason);
}

/** Fields that safetensors does not know are left alone; none may come twice. */
function checkFields({ names, values, innerKeys }: JsonMembers, fail: Fail): void {
  const counts = values.map((each) =>
    each instanceof PlainEntry ? FIELDS : isObject(each) ? Object.keys(each).length : 0,
  );
  if (counts.reduce((sum, count) => sum + count, 0) === innerKeys) return;
  fail(names[0] ?? '', 'this entry or one behind it has a field twice.');
}

function quoted(text: string | undefined): string {
  return JSON.stringify(text ?? '').slice(0, 200);
}
