import type { ByteSource } from '../byteSource';
import type { CheckpointReader, Storage } from '../checkpoint';
import { CheckpointError } from '../checkpointError';
import { bitsOf } from '../dtypes';
import { Hazards } from './hazards';
import { PickleInput } from './pickle/input';
import { readPickle, type PickleHost } from './pickle/machine';
import { asCount, asSequence, asText, PyDict, PyGlobal, type Value } from './pickle/value';
import { isUnknownStorage, storageDtype, storageUnit } from './storageTypes';
import { storedModels } from './storedModels';
import { StorageValue, TensorMaker } from './tensorValue';
import { TorchHost } from './torchHost';
import { torchCheckpoint } from './torchCheckpoint';

/** `MAGIC_NUMBER` of torch/serialization.py, as LONG1 and as LONG have it. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const MAGIC_BYTES = Buffer.from('6cfc9c46f9206aa85019', 'hex');
const PROTOCOL_VERSION = 1001;

/**
 * The format of `torch.save` before 1.6: `_legacy_load` in torch/serialization.py. Five pickles (magic
 * number, version, about the system, the object, the keys of its storages), then the storages in the
 * order of the keys, each behind the count of its elements.
 */
export const torchLegacyReader: CheckpointReader = {
  matches(head) {
    const start = Buffer.from(head.subarray(0, 64));
    return start.includes(MAGIC_BYTES) || start.includes(String(MAGIC)) || isTar(head);
  },

  read(source) {
    if (isTar(source.read(0, Math.min(source.size, 512)))) {
      const reason =
        'it is in the tar format of PyTorch 0.1.1. Open it with a PyTorch before 2.0 and save it again.';
      throw new CheckpointError(source.name, 0, reason);
    }
    const input = new PickleInput(source, 0, source.size, 0);
    const around = new Around();
    if (readPickle(input, around) !== MAGIC || readPickle(input, around) !== PROTOCOL_VERSION) {
      throw input.fault('it does not begin as PyTorch begins it');
    }
    const system = readPickle(input, around);
    checkByteOrder(system, source);
    const storages = new LegacyStorages(source);
    const tensors = new TensorMaker(source.name, false);
    const host = new TorchHost(source, tensors, (id, place) => storages.find(id, place));
    const root = readPickle(input, host);
    storages.locate(readPickle(input, around), input.position);
    const { models, warnings } = storedModels(root, source.name);
    const hazards = [...around.hazards.warnings(), ...host.hazards.warnings()];
    return torchCheckpoint('torch-legacy', source, root, models, [...hazards, ...warnings]);
  },
};

/** For the pickles around the object's: numbers, text and lists, unless they run something. */
class Around implements PickleHost {
  readonly hazards = new Hazards();

  named(global: PyGlobal, place: number): void {
    this.hazards.named(global, place);
  }

  changed(global: PyGlobal, place: number): void {
    this.hazards.changed(global, place);
  }

  call(...call: Parameters<Hazards['called']>): undefined {
    this.hazards.called(...call);
  }

  persistent(): null {
    return null;
  }
}

/** The first file of the archive: `torch.save` of 0.1.1 wrote these. */
function isTar(head: Uint8Array): boolean {
  const text = Buffer.from(head.subarray(0, 512)).toString('latin1');
  return text.slice(257, 262) === 'ustar' && /^(?:sys_info|pickle|tensors|storages)\0/.test(text);
}

/** Machines of either byte order write storages as little-endian (torch/csrc/serialization.cpp). */
function checkByteOrder(system: Value, source: ByteSource): void {
  const little = system instanceof PyDict ? system.entries.get('little_endian') : undefined;
  if (typeof little === 'boolean') return;
  const reason = 'what it says of the machine that wrote it is damaged.';
  throw new CheckpointError(source.name, 0, reason);
}

/** A storage that follows the pickles. */
class LegacyStorage implements Storage {
  readonly crc32 = null;
  #offset: number | null = null;

  constructor(
    private readonly source: ByteSource,
    readonly elements: number,
    /** Bytes of an element. */
    readonly unit: number,
  ) {}

  get bytes(): number {
    return this.elements * this.unit;
  }

  get place(): { readonly source: ByteSource; readonly offset: number } {
    if (this.#offset === null) {
      const reason = 'a tensor in it has no values: the file is damaged.';
      throw new CheckpointError(this.source.name, null, reason);
    }
    return { source: this.source, offset: this.#offset };
  }

  get located(): boolean {
    return this.#offset !== null;
  }

  lie(offset: number): void {
    this.#offset = offset;
  }

  readInto(offset: number, target: Uint8Array): void {
    this.source.readInto(this.place.offset + offset, target);
  }
}

class LegacyStorages {
  readonly #known = new Map<string, LegacyStorage>();

  constructor(private readonly source: ByteSource) {}

  /**
   * Of `('storage', torch.FloatStorage, key, 'cpu', 12, None)`, or with `(key, offset, size)` of a
   * view as the last; of `('module', class, file, source)` it is the class.
   */
  find(id: Value, place: number): Value {
    const [what, type, key, , numel, view] = asSequence(id) ?? [];
    if (asText(what) === 'module') return type ?? null;
    const dtype = type instanceof PyGlobal ? storageDtype(type) : null;
    if (asText(what) === 'storage' && dtype === null && isUnknownStorage(type)) {
      // The storages lie one behind the other, and how long this one is cannot be told.
      const reason = `it has a storage of the class ${JSON.stringify(type.path.slice(0, 100))}, which Permafrost does not know.`;
      throw new CheckpointError(this.source.name, place, reason);
    }
    const elements = asCount(numel);
    const name = keyText(key);
    if (asText(what) !== 'storage' || dtype === null || elements === null || name === null) {
      throw this.#fault(place, 'refers to what is no storage');
    }
    const unit = storageUnit(dtype, bitsOf(dtype));
    if (elements * unit > this.source.size)
      throw this.#fault(place, 'has a storage beyond its end');
    const storage = this.#known.get(name) ?? new LegacyStorage(this.source, elements, unit);
    this.#known.set(name, storage);
    const [, first, size] = asSequence(view) ?? [null, 0, elements];
    const start = (asCount(first) ?? -1) * unit;
    const bytes = (asCount(size) ?? -1) * unit;
    if (start < 0 || bytes < 0 || start + bytes > storage.bytes) {
      throw this.#fault(place, 'has a view beyond its storage');
    }
    return new StorageValue(storage, dtype, start, bytes);
  }

  /** Finds where the storages lie behind the pickles. */
  locate(keys: Value, start: number): void {
    let at = start;
    for (const each of asSequence(keys) ?? []) {
      const storage = this.#known.get(keyText(each) ?? '');
      if (storage === undefined) throw this.#fault(at, 'has a storage that nothing refers to');
      const count = this.source.read(at, 8);
      const elements = new DataView(count.buffer, count.byteOffset, 8).getBigInt64(0, true);
      if (elements !== BigInt(storage.elements)) {
        throw this.#fault(at, 'has a storage of another size than its pickle says');
      }
      at += 8;
      if (at + storage.bytes > this.source.size) throw this.#fault(at, 'is cut short');
      storage.lie(at);
      at += storage.bytes;
    }
    for (const { located } of this.#known.values()) {
      if (!located) throw this.#fault(at, 'lacks a storage that its pickle names');
    }
  }

  #fault(place: number, what: string): CheckpointError {
    return new CheckpointError(this.source.name, place, `the file ${what}: it is damaged.`);
  }
}

function keyText(key: Value | undefined): string | null {
  return typeof key === 'number' || typeof key === 'bigint' ? String(key) : asText(key);
}
