import { elementCount } from '../../shape';
import type { Storage } from '../checkpoint';
import { PlainStorage } from '../plainStorage';
import { ChunkedStorage } from './chunked';
import type { H5Type } from './datatype';
import type { Fields } from './fields';
import { readFilters } from './filters';
import { unsupported, type H5File } from './h5File';
import { MESSAGE, type Message } from './objectHeader';

/** Where the values of a data set are. */
export type H5Values =
  | { readonly kind: 'stored'; readonly storage: Storage }
  /** It has never been written, or its values lie in other files. */
  | { readonly kind: 'none'; readonly why: string };

/**
 * @param shape of the data set
 * @throws CheckpointError when the file does not hold them
 */
export function readValues(
  file: H5File,
  messages: readonly Message[],
  type: H5Type,
  shape: readonly number[],
): H5Values {
  const bytes = elementCount({ shape }) * type.size;
  const layout = messages.find((message) => message.type === MESSAGE.layout)?.body;
  if (layout === undefined) return { kind: 'none', why: 'has no values' };
  if (messages.some((message) => message.type === MESSAGE.external)) {
    return { kind: 'none', why: 'has its values in another file, which is not opened' };
  }
  if (!Number.isSafeInteger(bytes)) layout.fail('a data set is larger than any file');
  const version = layout.u8();
  if (version !== 3 && version !== 4) {
    unsupported(file.source, layout.offset, `a data layout of version ${String(version)}`);
  }
  const kind = layout.u8();
  switch (kind) {
    case 0: {
      const size = layout.u16();
      const { offset } = layout.within(size);
      return stored(file, offset, size, bytes);
    }
    case 1: {
      const offset = layout.address();
      const size = layout.u64();
      if (bytes === 0) return stored(file, 0, 0, 0);
      if (offset === null) return { kind: 'none', why: 'was never written' };
      return stored(file, offset, size, bytes);
    }
    case 2:
      if (version === 4) unsupported(file.source, layout.offset, 'chunks in the newest layout');
      return chunked(file, layout, messages, type, shape);
    default:
      return { kind: 'none', why: 'has its values in other data sets, which are not opened' };
  }
}

function stored(file: H5File, offset: number, size: number, bytes: number): H5Values {
  if (size < bytes || offset + bytes > file.source.size) {
    file.fail(offset, `a data set of ${String(bytes)} bytes is longer than its place`);
  }
  if (bytes > 0) file.claim(offset, bytes);
  return { kind: 'stored', storage: new PlainStorage(file.source, offset, bytes) };
}

function chunked(
  file: H5File,
  layout: Fields,
  messages: readonly Message[],
  type: H5Type,
  shape: readonly number[],
): H5Values {
  const { offset } = layout;
  const rank = layout.u8() - 1;
  const tree = layout.address();
  const chunk = Array.from({ length: Math.max(0, rank) }, () => layout.u32());
  const size = layout.u32();
  if (rank !== shape.length || size !== type.size || chunk.includes(0)) {
    layout.fail('the chunks of a data set do not go with its shape', offset);
  }
  const filters = readFilters(messages.find((each) => each.type === MESSAGE.filters)?.body);
  if (elementCount({ shape }) === 0) return stored(file, 0, 0, 0);
  if (tree === null) return { kind: 'none', why: 'was never written' };
  if (filters === null) return { kind: 'none', why: 'is compressed in a way that is not read' };
  return {
    kind: 'stored',
    storage: new ChunkedStorage(file, tree, { shape, chunk, size, filters }),
  };
}
