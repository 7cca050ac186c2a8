import type { TfTensor } from '../tfjsTypes';
import type { SampleBatch } from './batches';
import type { Budget } from './budget';
import type { Cut } from './cut';
import { RowLayout, type MakeTensor } from './rowLayout';
import { NOWHERE, RowStore, type RowFile, type Slot } from './rowStore';

/** What became of a batch: features as new tensors, and what they cost. */
export interface Found {
  readonly features: readonly TfTensor[];
  /** How many samples were computed, in how many milliseconds. */
  readonly computed: number;
  readonly computing: number;
}

/** Features of samples by key, all by one prefix with the same weights. */
export class FeatureTable {
  private readonly slots = new Map<string | number, Slot>();
  private layout: RowLayout | null = null;
  private store: RowStore | null = null;

  /**
   * @param key what the features depend on: weights and place of the cut
   * @param expected how many samples there will be; null when nobody knows
   * @param openFile makes the file beyond memory for rows of a length; null for memory alone
   */
  constructor(
    readonly key: string,
    readonly expected: number | null,
    private readonly budget: Budget,
    private readonly make: MakeTensor,
    private readonly openFile: ((rowBytes: number) => RowFile | null) | null,
  ) {}

  get samples(): number {
    return this.store?.rows ?? 0;
  }

  get bytes(): number {
    return this.store?.bytes ?? 0;
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
      const { rowBytes } = layout;
      const { openFile } = this;
      this.layout = layout;
      this.store = new RowStore(
        rowBytes,
        this.expected,
        this.budget,
        openFile === null ? null : () => openFile(rowBytes),
      );
    } else if (!this.layout.fits(features)) {
      throw new Error('the outputs of the prefix change their shape from batch to batch');
    }
  }
}

/** Disposes tensors that were made for a step. */
export function dispose(tensors: readonly TfTensor[]): void {
  for (const tensor of tensors) if (!tensor.isDisposed) tensor.dispose();
}
