/**
 * HDF5 files as h5py writes them unless it is told otherwise, which is how Keras writes them:
 * https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html (File Format Specification
 * 3.0). What only `libver="latest"` writes (fractal heaps, newer indices of chunks) is refused.
 */
import type { ByteSource } from '../byteSource';
import { CheckpointError } from '../checkpointError';
import { Fields } from './fields';

export const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a] as const;

/** Bytes of an entry of a group: no honest file has more links than fit in it. */
const ENTRY = 40;

/** What reading one file shares: where each structure was read, and how much is left to read. */
export class H5File {
  readonly #seen = new Set<number>();
  readonly #claims: { readonly offset: number; readonly bytes: number }[] = [];
  #links: number;
  #texts: number;

  constructor(readonly source: ByteSource) {
    this.#links = Math.ceil(source.size / ENTRY);
    this.#texts = source.size * 4;
  }

  /** Fields of `length` bytes, or of what there is to the end of the file. */
  fields(offset: number, length: number): Fields {
    return Fields.of(this.source, offset, length);
  }

  /** Whether a structure is met for the first time. */
  isNew(offset: number): boolean {
    if (this.#seen.has(offset)) return false;
    this.#seen.add(offset);
    return true;
  }

  /** @throws CheckpointError for a structure that leads back to itself */
  enter(offset: number): void {
    if (!this.isNew(offset)) this.fail(offset, 'a structure of HDF5 is met twice');
  }

  countLink(offset: number): void {
    if (--this.#links < 0) this.fail(offset, 'there are more links than the file can hold');
  }

  countText(offset: number, bytes: number): void {
    this.#texts -= bytes;
    if (this.#texts < 0) this.fail(offset, 'its texts are longer than the file');
  }

  /** Notes that values stand here. */
  claim(offset: number, bytes: number): void {
    this.#claims.push({ offset, bytes });
  }

  /** @throws CheckpointError when values of two data sets or chunks are the same bytes */
  checkClaims(): void {
    let end = 0;
    for (const { offset, bytes } of this.#claims.toSorted((a, b) => a.offset - b.offset)) {
      if (offset < end) this.fail(offset, 'values of two data sets overlap');
      end = offset + bytes;
    }
  }

  fail(offset: number, reason: string): never {
    throw new CheckpointError(this.source.name, offset, `${reason}: the file is damaged.`);
  }
}

export function isHdf5(head: Uint8Array): boolean {
  return SIGNATURE.every((byte, index) => head[index] === byte);
}

/**
 * Where the header of the root group is.
 * @throws CheckpointError also for a file that is shorter than it says, as HDF5 itself does
 */
export function readSuperblock({ source }: H5File): number {
  const fields = Fields.of(source, 8, Math.min(source.size - 8, 120));
  const version = fields.u8();
  const old = version < 2;
  if (version > 3) unsupported(source, 8, `superblock version ${String(version)}`);
  if (old) fields.skip(4);
  const sizes = [fields.u8(), fields.u8()];
  if (sizes.some((size) => size !== 8)) unsupported(source, 13, 'addresses of other than 8 bytes');
  fields.skip(old ? (version === 1 ? 13 : 9) : 1);
  if (fields.address() !== 0) unsupported(source, 24, 'a user block');
  fields.skip(8);
  const end = fields.u64();
  if (end > source.size) {
    const reason = `the file should be ${String(end)} bytes long and has ${String(source.size)}: it is cut short.`;
    throw new CheckpointError(source.name, fields.offset - 8, reason);
  }
  if (old) fields.skip(16);
  return fields.u64();
}

/** @throws CheckpointError that names what Keras does not write */
export function unsupported(source: ByteSource, offset: number, what: string): never {
  const way = 'Save the file anew with Keras, or with h5py without libver.';
  throw new CheckpointError(
    source.name,
    offset,
    `this HDF5 file has ${what}, which is not read. ${way}`,
  );
}
