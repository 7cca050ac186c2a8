import type { H5File } from './h5File';
import { unsupported } from './h5File';
import { MESSAGE, type Message } from './objectHeader';

/** Bytes: a link is a part of a tensor's name. */
const LONGEST_NAME = 4096;
/** A tree of this depth would hold more links than any file. */
const MAX_LEVEL = 16;
const SOFT_LINK = 2;

export interface Link {
  readonly name: string;
  /** Of the object's header. */
  readonly address: number;
}

/**
 * What is in a group, by hard links. Links to paths and to other files are not followed.
 * @throws CheckpointError
 */
export function readLinks(file: H5File, messages: readonly Message[]): readonly Link[] {
  const links: Link[] = [];
  for (const { type, body } of messages) {
    if (type === MESSAGE.symbolTable) {
      const [tree, heap] = [body.u64(), body.u64()];
      readTree(file, tree, readHeap(file, heap), MAX_LEVEL, links);
    } else if (type === MESSAGE.link) {
      const link = readLink(file, { type, flags: 0, body });
      if (link !== null) links.push(link);
    } else if (type === MESSAGE.linkInfo) {
      const { offset } = body;
      body.skip(1);
      if (body.u8() & 1) body.skip(8);
      if (body.address() !== null) unsupported(file.source, offset, 'a group in the newest layout');
    }
  }
  return links;
}

/** Message 0x0006: the links of small groups of newer files. */
function readLink(file: H5File, { body }: Message): Link | null {
  file.countLink(body.offset);
  body.skip(1);
  const flags = body.u8();
  const type = flags & 8 ? body.u8() : 0;
  body.skip((flags & 4 ? 8 : 0) + (flags & 16 ? 1 : 0));
  const length = body.uint(1 << (flags & 3));
  if (length > LONGEST_NAME) body.fail('a name is of many thousand bytes');
  const name = body.text(length);
  return type === 0 ? { name, address: body.u64() } : null;
}

interface Heap {
  readonly offset: number;
  readonly bytes: number;
}

/** Where the names are (chapter III.D). */
function readHeap(file: H5File, address: number): Heap {
  const fields = file.fields(address, 32);
  fields.expect('HEAP');
  fields.skip(4);
  const bytes = fields.u64();
  fields.skip(8);
  return { offset: fields.u64(), bytes };
}

/** A B-tree of version 1 over the names (chapter III.A.1), down to its symbol table nodes. */
function readTree(file: H5File, address: number, heap: Heap, level: number, links: Link[]): void {
  file.enter(address);
  const head = file.fields(address, 24);
  head.expect('TREE');
  const [type, own] = [head.u8(), head.u8()];
  if (type !== 0 || own >= level) head.fail("a group's tree is malformed", address);
  const children = head.u16();
  const fields = file.fields(address + 24, children * 16);
  for (let index = 0; index < children; index++) {
    fields.skip(8);
    const child = fields.u64();
    file.countLink(child);
    if (own === 0) readNode(file, child, heap, links);
    else readTree(file, child, heap, own, links);
  }
}

/** A symbol table node (chapter III.B). */
function readNode(file: H5File, address: number, heap: Heap, links: Link[]): void {
  file.enter(address);
  const head = file.fields(address, 8);
  head.expect('SNOD');
  head.skip(2);
  const count = head.u16();
  const fields = file.fields(address + 8, count * 40);
  for (let index = 0; index < count; index++) {
    file.countLink(fields.offset);
    const nameAt = fields.u64();
    const header = fields.address();
    const type = fields.u32();
    fields.skip(20);
    if (type === SOFT_LINK || header === null) continue;
    links.push({ name: nameIn(file, heap, nameAt), address: header });
  }
}

function nameIn(file: H5File, heap: Heap, at: number): string {
  if (at >= heap.bytes) file.fail(heap.offset, 'a name stands outside of its heap');
  const longest = Math.min(heap.bytes - at, LONGEST_NAME, file.source.size - heap.offset - at);
  const bytes = file.source.read(heap.offset + at, longest);
  const end = bytes.indexOf(0);
  if (end < 0) file.fail(heap.offset + at, 'a name has no end');
  return new TextDecoder().decode(bytes.subarray(0, end));
}
