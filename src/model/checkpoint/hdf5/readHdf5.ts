import type { ByteSource } from '../byteSource';
import { readAttributes, type Attributes } from './attributes';
import { readValues, type H5Values } from './dataset';
import { readDataspace, readDatatype, type H5Type } from './datatype';
import { readLinks } from './groups';
import { H5File, readSuperblock } from './h5File';
import { MESSAGE, readMessages, SHARED } from './objectHeader';

/** Groups within groups: names of tensors have a handful of parts. */
const MAX_DEPTH = 64;

export interface H5Group {
  readonly kind: 'group';
  readonly attributes: Attributes;
  /** By name, in the order of the file. */
  readonly children: ReadonlyMap<string, H5Group | H5Dataset>;
}

export interface H5Dataset {
  readonly kind: 'dataset';
  readonly attributes: Attributes;
  readonly type: H5Type;
  readonly shape: readonly number[];
  readonly values: H5Values;
}

/**
 * Reads the tree of an HDF5 file with the attributes that are texts; of the data sets, where they
 * are. Links to paths and to other files are left out, an object with several names has the first.
 * @throws CheckpointError
 */
export function readHdf5(source: ByteSource): H5Group {
  const file = new H5File(source);
  const root = readObject(file, readSuperblock(file), 0);
  file.checkClaims();
  if (root?.kind === 'group') return root;
  return file.fail(0, 'its root is no group');
}

function readObject(file: H5File, address: number, depth: number): H5Group | H5Dataset | null {
  if (!file.isNew(address)) return null;
  if (depth > MAX_DEPTH) file.fail(address, 'its groups are nested too deeply');
  const messages = readMessages(file, address);
  const typeMessage = messages.find(({ type }) => type === MESSAGE.datatype);
  if (typeMessage === undefined) {
    const children = new Map<string, H5Group | H5Dataset>();
    for (const link of readLinks(file, messages)) {
      const child = readObject(file, link.address, depth + 1);
      if (child !== null) children.set(link.name, child);
    }
    return { kind: 'group', attributes: readAttributes(file, messages), children };
  }
  const space = messages.find(({ type }) => type === MESSAGE.dataspace)?.body;
  const shape = space === undefined ? null : readDataspace(space);
  if (shape === null) return null;
  const type: H5Type =
    (typeMessage.flags & SHARED) === 0
      ? readDatatype(typeMessage.body)
      : { kind: 'other', size: 0, what: 'named type' };
  const attributes = readAttributes(file, messages);
  const values = readValues(file, messages, type, shape);
  return { kind: 'dataset', attributes, type, shape, values };
}
