import type { ByteSource } from '../byteSource';
import type { CheckpointReader, Storage } from '../checkpoint';
import { CheckpointError } from '../checkpointError';
import { bitsOf } from '../dtypes';
import { MemorySource } from '../memorySource';
import { isZip, readEntry, readZip, zipStorage, type ZipArchive } from '../zip/zip';
import { PickleInput } from './pickle/input';
import { readPickle } from './pickle/machine';
import { asCount, asSequence, asText, PyGlobal, type Value } from './pickle/value';
import { isUnknownStorage, storageDtype, storageUnit } from './storageTypes';
import { storedModels } from './storedModels';
import { StorageValue, TensorMaker, UnknownStorage } from './tensorValue';
import { torchCheckpoint } from './torchCheckpoint';
import { TorchHost } from './torchHost';

/** Bytes: of 100,000 tensors with their optimizer's state it has 30 million. */
const MOST_PICKLE = 256 * 1024 * 1024;
const MOST_COMPRESSED_PICKLE = 32 * 1024 * 1024;
const MOST_RECORD = 1024;

/**
 * The format of `torch.save` since 1.6, and of `torch.jit.save`: `_load` in torch/serialization.py.
 * Beside `data.pkl` in its folder stand `data/0` and so on, `version`, and lately `byteorder`.
 */
export const torchZipReader: CheckpointReader = {
  matches(head, source) {
    if (!isZip(head)) return false;
    try {
      return kindOf(readZip(source)) !== null;
    } catch {
      // Only `read` can say what is wrong with the archive.
      return /^[^\0]{1,200}\/(?:data\.pkl|\.format_version|version)/.test(firstName(head));
    }
  },

  read(source) {
    const archive = readZip(source);
    const kind = kindOf(archive);
    if (kind === 'exported') {
      const reason =
        'this is a program of torch.export, not a checkpoint. Save its weights: torch.save(program.state_dict, "weights.pt").';
      throw new CheckpointError(source.name, 0, reason);
    }
    const folder = kind?.folder ?? '';
    const storages = new ZipStorages(source, archive, folder);
    const tensors = new TensorMaker(source.name, isBigEndian(source, archive, folder));
    const host = new TorchHost(source, tensors, (id, place) => storages.find(id, place));
    const root = readPickle(pickleInput(source, archive, `${folder}data.pkl`), host);
    const { models, warnings } = storedModels(root, source.name);
    const all = [...host.hazards.warnings(), ...warnings];
    return torchCheckpoint('torch', source, root, models, all);
  },
};

function firstName(head: Uint8Array): string {
  const length = (head[26] ?? 0) + 256 * (head[27] ?? 0);
  return Buffer.from(head.subarray(30, 30 + length)).toString('utf8');
}

/** The folder of the pickle; null for an archive of something else. */
function kindOf({ entries }: ZipArchive): { readonly folder: string } | 'exported' | null {
  let exported = false;
  for (const name of entries.keys()) {
    const [, folder] = /^([^/]*\/)?data\.pkl$/s.exec(name) ?? [];
    if (name.endsWith('data.pkl') && (folder !== undefined || name === 'data.pkl')) {
      return { folder: folder ?? '' };
    }
    exported ||= /(?:^|\/)(?:archive_format|serialized_exported_program\.json)$/.test(name);
  }
  return exported ? 'exported' : null;
}

function pickleInput(source: ByteSource, archive: ZipArchive, name: string): PickleInput {
  const entry = archive.entries.get(name);
  if (entry === undefined) {
    throw new CheckpointError(source.name, 0, `the archive has no ${JSON.stringify(name)}.`);
  }
  // PyTorch compresses none: one that is may hold a thousand times what the file does.
  const most = entry.method === 'stored' ? MOST_PICKLE : MOST_COMPRESSED_PICKLE;
  const bytes = readEntry(source, entry, most);
  // In a compressed pickle places mean nothing: the entry's is given for all.
  const shift = entry.method === 'stored' ? entry.offset : entry.header;
  return new PickleInput(new MemorySource(source.name, bytes), 0, bytes.length, shift);
}

function isBigEndian(source: ByteSource, { entries }: ZipArchive, folder: string): boolean {
  const entry = entries.get(`${folder}byteorder`);
  if (entry === undefined) return false;
  const order = Buffer.from(readEntry(source, entry, MOST_RECORD)).toString('latin1');
  if (order === 'big' || order === 'little') return order === 'big';
  const reason = `its byte order is neither little nor big: ${JSON.stringify(order.slice(0, 20))}.`;
  throw new CheckpointError(source.name, entry.header, reason);
}

/** One storage for each entry of `data/`, whatever number of tensors refer to it. */
class ZipStorages {
  readonly #known = new Map<string, Storage>();

  constructor(
    private readonly source: ByteSource,
    private readonly archive: ZipArchive,
    private readonly folder: string,
  ) {}

  /** Of `('storage', torch.FloatStorage, '0', 'cpu', 12)`. */
  find(id: Value, place: number): StorageValue | UnknownStorage {
    const [what, type, key, , numel] = asSequence(id) ?? [];
    const dtype = type instanceof PyGlobal ? storageDtype(type) : null;
    const elements = asCount(numel);
    const name = typeof key === 'number' ? String(key) : asText(key);
    const fault = (reason: string): CheckpointError =>
      new CheckpointError(this.source.name, place, reason);
    if (asText(what) === 'storage' && dtype === null && isUnknownStorage(type)) {
      return new UnknownStorage(type.path);
    }
    if (asText(what) !== 'storage' || dtype === null || elements === null || name === null) {
      throw fault('the pickle is damaged: it refers to what is no storage.');
    }
    const bytes = elements * storageUnit(dtype, bitsOf(dtype));
    let storage = this.#known.get(name);
    if (storage === undefined) {
      const entry = this.archive.entries.get(`${this.folder}data/${name}`);
      const quoted = JSON.stringify(`data/${name.slice(0, 100)}`);
      if (entry === undefined) throw fault(`the archive lacks ${quoted}, which the pickle names.`);
      storage = zipStorage(this.source, entry);
      this.#known.set(name, storage);
    }
    if (storage.bytes < bytes) {
      const there = `${String(storage.bytes)} bytes, the pickle says ${String(bytes)}`;
      throw fault(`the archive's data/${name.slice(0, 100)} has ${there}: the file is damaged.`);
    }
    return new StorageValue(storage, dtype, 0, bytes);
  }
}
