import type { Fields } from './fields';
import { type H5File, unsupported } from './h5File';

/** A message of an object header: one property of a group or data set. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly body: Fields;
}

/** Types of messages (chapter IV.A.2 of the specification). */
export const MESSAGE = {
  dataspace: 1,
  linkInfo: 2,
  datatype: 3,
  link: 6,
  external: 7,
  layout: 8,
  filters: 11,
  attribute: 12,
  continuation: 16,
  symbolTable: 17,
  attributeInfo: 21,
} as const;

/** The message is kept elsewhere and shared with other objects. */
export const SHARED = 2;

/** Bytes of the largest block of messages that is read: attributes are no larger than 64 KiB each. */
const MAX_BLOCK = 16 * 1024 * 1024;

/** @throws CheckpointError */
export function readMessages(file: H5File, address: number): readonly Message[] {
  const start = file.fields(address, 4).take(4);
  const isNew = new TextDecoder('latin1').decode(start) === 'OHDR';
  return isNew ? readVersion2(file, address) : readVersion1(file, address);
}

interface Block {
  readonly offset: number;
  readonly length: number;
}

function readVersion1(file: H5File, address: number): readonly Message[] {
  const head = file.fields(address, 16);
  if (head.u8() !== 1) head.fail("an object header's version should be 1", address);
  head.skip(7);
  const blocks: Block[] = [{ offset: address + 16, length: head.u32() }];
  return readBlocks(file, blocks, (fields) => {
    if (fields.left < 8) return null;
    const [type, size, flags] = [fields.u16(), fields.u16(), fields.u8()];
    fields.skip(3);
    return { type, flags, body: fields.within(size) };
  });
}

function readVersion2(file: H5File, address: number): readonly Message[] {
  const head = file.fields(address, Math.min(file.source.size - address, 34));
  head.expect('OHDR');
  if (head.u8() !== 2) head.fail("an object header's version should be 2");
  const flags = head.u8();
  head.skip((flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0));
  const length = head.uint(1 << (flags & 3));
  const blocks: Block[] = [{ offset: head.offset, length }];
  const least = 4 + (flags & 4 ? 2 : 0);
  return readBlocks(file, blocks, (fields, first) => {
    // Behind the messages of a further block stands its checksum, 4 bytes.
    if (fields.left < least + (first ? 0 : 4)) return null;
    const [type, size, messageFlags] = [fields.u8(), fields.u16(), fields.u8()];
    if (flags & 4) fields.skip(2);
    return { type, flags: messageFlags, body: fields.within(size) };
  });
}

function readBlocks(
  file: H5File,
  blocks: Block[],
  next: (fields: Fields, first: boolean) => Message | null,
): readonly Message[] {
  const messages: Message[] = [];
  for (const [index, { offset, length }] of blocks.entries()) {
    if (length > MAX_BLOCK) unsupported(file.source, offset, 'an object header of many megabytes');
    file.enter(offset);
    const fields = file.fields(offset, length);
    for (;;) {
      if (index > 0 && fields.offset === offset && startsNew(file, offset)) fields.expect('OCHK');
      const message = next(fields, index === 0);
      if (message === null) break;
      if (message.type === MESSAGE.continuation) {
        blocks.push({ offset: message.body.u64(), length: message.body.u64() });
      } else {
        messages.push(message);
      }
    }
  }
  return messages;
}

function startsNew(file: H5File, offset: number): boolean {
  return new TextDecoder('latin1').decode(file.source.read(offset, 4)) === 'OCHK';
}
