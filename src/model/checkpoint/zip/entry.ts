import type { ByteSource } from '../byteSource';
import { CheckpointError, quoted } from '../checkpointError';
import { zip64Values } from './zip64';

/** An entry of an archive, as the central directory gives it. */
export interface ZipEntry {
  /** Raw: it may hold anything. */
  readonly name: string;
  /**
   * Bytes from the start of the file to its data; found by its local header when first asked for.
   * @throws CheckpointError when the local header says other than the central directory
   */
  readonly offset: number;
  /** Bytes from the start of the file to its local header. */
  readonly header: number;
  /** Bytes of its content, decompressed. */
  readonly bytes: number;
  /** Bytes in the file. */
  readonly compressedBytes: number;
  /** Of its content; null when the writer computed none. */
  readonly crc32: number | null;
  readonly method: 'stored' | 'deflated';
}

/** What the central directory says of an entry, and where the next begins. */
export interface DirectoryRecord {
  readonly name: string;
  /** Bytes of the name. */
  readonly nameBytes: Uint8Array;
  readonly flags: number;
  readonly method: 'stored' | 'deflated';
  readonly rawCrc32: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly header: number;
}

const LOCAL_HEADER = 30;
/** General purpose bit 3: sizes and checksum stand behind the data, zeros in the local header. */
const BEHIND = 8;

export class DirectoryEntry implements ZipEntry {
  /** Where its data must have ended: the next entry's header, or the central directory. */
  limit = 0;
  #offset: number | null = null;

  constructor(
    private readonly source: ByteSource,
    private readonly record: DirectoryRecord,
  ) {}

  get name(): string {
    return this.record.name;
  }

  get header(): number {
    return this.record.header;
  }

  get bytes(): number {
    return this.record.bytes;
  }

  get compressedBytes(): number {
    return this.record.compressedBytes;
  }

  get method(): 'stored' | 'deflated' {
    return this.record.method;
  }

  /**
   * torch writes 0 under `torch.serialization.set_crc32_options(False)`, and so do writers of
   * streams that leave it out. Content whose checksum is truly 0 then counts as without one.
   */
  get crc32(): number | null {
    return this.record.rawCrc32 === 0 ? null : this.record.rawCrc32;
  }

  /** The least place in the file at which its data can end. */
  get earliestEnd(): number {
    const { header, nameBytes, compressedBytes } = this.record;
    return header + LOCAL_HEADER + nameBytes.length + compressedBytes;
  }

  get offset(): number {
    return (this.#offset ??= this.#resolve());
  }

  /** torch pads the extra field of local headers, so that data begins at multiples of 64. */
  #resolve(): number {
    const { nameBytes, flags, rawCrc32, bytes, compressedBytes, header, method } = this.record;
    const raw = this.source.read(header, LOCAL_HEADER + nameBytes.length);
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    if (view.getUint32(0, true) !== 0x04034b50) throw this.#fault('has no local header');
    const nameLength = view.getUint16(26, true);
    const extraLength = view.getUint16(28, true);
    const name = raw.subarray(LOCAL_HEADER);
    if (nameLength !== nameBytes.length || name.some((byte, at) => byte !== nameBytes[at])) {
      throw this.#fault('has another name in its local header');
    }
    if (view.getUint16(8, true) !== (method === 'stored' ? 0 : 8)) {
      throw this.#fault('has another compression in its local header');
    }
    const offset = header + LOCAL_HEADER + nameLength + extraLength;
    if (offset + compressedBytes > this.limit) throw this.#fault('overlaps what follows it');
    const extra = this.source.read(header + LOCAL_HEADER + nameLength, extraLength);
    const [ownBytes, ownCompressed] = zip64Values(extra, 0, extraLength, [
      view.getUint32(22, true),
      view.getUint32(18, true),
    ]);
    const behind = (flags & BEHIND) !== 0;
    const differs = (own: number, said: number): boolean => own !== said && !(behind && own === 0);
    if (differs(ownBytes ?? -1, bytes) || differs(ownCompressed ?? -1, compressedBytes)) {
      throw this.#fault('has another size in its local header');
    }
    if (differs(view.getUint32(14, true), rawCrc32)) {
      throw this.#fault('has another checksum in its local header');
    }
    return offset;
  }

  #fault(what: string): CheckpointError {
    const name = quoted(this.name);
    const reason = `the archive's ${name} ${what}: the file is damaged or made to deceive.`;
    return new CheckpointError(this.source.name, this.header, reason);
  }
}
