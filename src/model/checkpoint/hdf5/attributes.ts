import { elementCount } from '../../shape';
import { readDataspace, readDatatype } from './datatype';
import type { Fields } from './fields';
import type { H5File } from './h5File';
import { MESSAGE, SHARED, type Message } from './objectHeader';
import { REFERENCE, textsIn } from './globalHeap';

/** Attributes that are texts, one or several; others say nothing that is used. */
export type Attributes = ReadonlyMap<string, string | readonly string[]>;

/** @throws CheckpointError */
export function readAttributes(file: H5File, messages: readonly Message[]): Attributes {
  const attributes = new Map<string, string | readonly string[]>();
  for (const { type, flags, body } of messages) {
    if (type !== MESSAGE.attribute || (flags & SHARED) !== 0) continue;
    const { name, value } = readAttribute(file, body);
    if (value !== null) attributes.set(name, value);
  }
  return attributes;
}

/** Message 0x000C in its three versions. */
function readAttribute(
  file: H5File,
  body: Fields,
): { readonly name: string; readonly value: string | readonly string[] | null } {
  const version = body.u8();
  if (version < 1 || version > 3) body.fail('an attribute should be of version 1 to 3');
  const shared = version > 1 && (body.u8() & 1) !== 0;
  if (version === 1) body.skip(1);
  const sizes = { name: body.u16(), type: body.u16(), space: body.u16() };
  if (version === 3) body.skip(1);
  // Of version 1 each part begins at a multiple of 8 bytes.
  const part = (length: number): Fields => {
    const fields = body.within(length);
    if (version === 1) body.align();
    return fields;
  };
  const name = part(sizes.name).text(sizes.name);
  const typeFields = part(sizes.type);
  const shape = readDataspace(part(sizes.space));
  if (shared || shape === null) return { name, value: null };
  const type = readDatatype(typeFields);
  if (type.kind !== 'text' && type.kind !== 'texts') return { name, value: null };
  const count = elementCount({ shape });
  const width = type.kind === 'text' ? type.size : REFERENCE;
  if (width === 0) return { name, value: null };
  if (!(count * width <= body.left)) body.fail('an attribute is larger than its place');
  const texts =
    type.kind === 'text'
      ? Array.from({ length: count }, () => body.text(width))
      : textsIn(file, body, count);
  return { name, value: shape.length === 0 ? (texts[0] ?? '') : texts };
}
