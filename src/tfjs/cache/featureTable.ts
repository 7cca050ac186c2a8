import type { TfTensor } from '../tfjsTypes';
import type { SampleBatch } from './batches';
import type { Budget } from './budget';
import type { Cut } from './cut';
import type { FeatureFiles, OwnedFile } from './featureFiles';
import { RowLayout, type MakeTensor } from './rowLayout';
import { NOWHERE, RowStore, slotInFile, type Slot } from './rowStore';

/** What became of a batch: features as new tensors, and what they cost. */
export interface Found {
  readonly features: readonly TfTensor[];
  /** How many samples were computed, in how many milliseconds. */
  readonly computed: number;
  readonly computing: number;
}

/** Where a table goes beyond memory. */
export interface TableFiles {
  readonly files: FeatureFiles;
  /** All that the features depend on, in one text; expensive to tell. */
  readonly key: () => string;
  /** Notes what is to be done with a file when the process ends. */
  readonly atExit: (leave: () => void) => void;
}

/** Features of samples by key, all by one prefix with the same weights. */
export class FeatureTable {
  private readonly slots = new Map<string | number, Slot>();
  private layout: RowLayout | null = null;
  private store: RowStore | null = null;
  private owned: OwnedFile | null = null;

  /**
   * @param key what the features depend on: weights and place of the cut
   * @param expected how many samples there will be; null when nobody knows
   * @param disk where the rest goes when memory is full; null for nowhere
   */
  constructor(
    readonly key: string,
    readonly expected: number | null,
    private readonly budget: Budget,
    private readonly make: MakeTensor,
    private readonly disk: TableFiles | null,
  ) {}

  get samples(): number {
    return this.store?.rows ?? 0;
  }

  get bytes(): number {
    return this.store?.bytes ?? 0;
  }

  /** Whether features were not kept for want of room. */
  get isFull(): boolean {
    return this.store?.isFull ?? false;
  }

  get where(): 'memory' | 'disk' {
    return this.store?.where ?? 'memory';
  }

  /** Bytes of the features of a sample; null before the first was computed. */
  get rowBytes(): number | null {
    return this.layout?.rowBytes ?? null;
  }

  /** The features of a batch: those that are not there yet are computed. @throws what the engine does */
  find(batch: SampleBatch, cut: Cut): Found {
    const keys = batch.keys(cut.sources);
    const present = this.layout?.batch(batch.size) ?? null;
    const missing = keys.flatMap((key, at) => (this.read(key, present, at) ? [] : [at]));
    if (missing.length === 0 && present !== null) {
      return { features: present.tensors(this.make), computed: 0, computing: 0 };
    }
    const startedAt = performance.now();
    const all = missing.length === batch.size;
    const sources = batch.inputs(cut.sources, all ? null : missing);
    const features = cut.features(sources.tensors);
    dispose(sources.made);
    try {
      this.layOut(features);
    } catch (error) {
      dispose(features);
      throw error;
    }
    let next = 0;
    for (const row of this.layout?.pack(features) ?? []) {
      const at = missing[next++] ?? 0;
      this.keep(keys[at] ?? '', row);
      present?.put(at, row);
    }
    const computing = performance.now() - startedAt;
    if (all || present === null) return { features, computed: missing.length, computing };
    dispose(features);
    return { features: present.tensors(this.make), computed: missing.length, computing };
  }

  /** Gives the memory and the file back. */
  dispose(): void {
    this.slots.clear();
    this.store?.dispose();
    this.store = null;
    this.layout = null;
    this.owned?.remove();
    this.owned = null;
  }

  private read(
    key: string | number,
    into: ReturnType<RowLayout['batch']> | null,
    at: number,
  ): boolean {
    const slot = this.slots.get(key);
    const row = slot === undefined ? null : (this.store?.read(slot) ?? null);
    if (row === null || into === null) {
      if (slot !== undefined) this.slots.delete(key);
      return false;
    }
    into.put(at, row);
    return true;
  }

  private keep(key: string | number, row: Uint8Array): void {
    if (this.slots.has(key)) return;
    const slot = this.store?.append(row) ?? NOWHERE;
    if (slot !== NOWHERE) this.slots.set(key, slot);
  }

  private layOut(features: readonly TfTensor[]): void {
    if (this.layout === null) {
      const layout = RowLayout.of(features);
      if (layout === null) throw new Error('the outputs of the prefix are not numbers by sample');
      this.layout = layout;
      this.open(layout.rowBytes);
    } else if (!this.layout.fits(features)) {
      throw new Error('the outputs of the prefix change their shape from batch to batch');
    }
  }

  private open(rowBytes: number): void {
    const { disk } = this;
    const own = (file: OwnedFile | null): OwnedFile['file'] | null => {
      this.owned = file;
      if (file !== null) disk?.atExit(this.leave(file));
      return file?.file ?? null;
    };
    const earlier =
      disk === null || disk.files.isEmpty ? null : disk.files.claim(disk.key(), rowBytes);
    const create = disk === null ? null : () => own(disk.files.create(disk.key(), rowBytes));
    this.store = new RowStore(rowBytes, this.expected, this.budget, own(earlier), create);
    for (const [key, row] of earlier?.entries ?? []) this.slots.set(key, slotInFile(row));
    this.store.adopt(earlier?.entries.length ?? 0);
  }

  /** Leaves the file to later runs, with the samples that are in it by then. */
  private leave(file: OwnedFile): () => void {
    const { slots } = this;
    return () => {
      if (this.owned !== file) return;
      const inFile = [...slots].filter(([, slot]) => slot < NOWHERE);
      file.leave(inFile.map(([key, slot]) => [key, slotInFile(slot)]));
    };
  }
}

/** Disposes tensors that were made for a step. */
export function dispose(tensors: readonly TfTensor[]): void {
  for (const tensor of tensors) if (!tensor.isDisposed) tensor.dispose();
}
