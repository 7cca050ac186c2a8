import type { TfEngine } from '../tfjsTypes';
import type { TrackedModel } from '../trackedModel';
import type { Cut } from './cut';
import type { FeatureTable } from './featureTable';
import type { DataTensor } from './graph';
import { digestOf } from './sampleKeys';

/**
 * Makes a table.
 * @param expected how many samples; null when nobody knows
 * @param data tells, in one text, of which data it is; expensive
 */
export type NewTable = (key: string, expected: number | null, data: () => string) => FeatureTable;

interface OfTensors {
  /** Contents of all tensors that the features are computed from. */
  readonly contents: readonly object[];
  readonly digest: string | null;
  readonly table: FeatureTable;
}

/**
 * The tables of features: one for each set of tensors in memory as long as these live, and one for
 * each model for what datasets deliver.
 */
export class Tables {
  private readonly ofTensors = new WeakMap<object, OfTensors>();
  private readonly ofModels = new WeakMap<TrackedModel, FeatureTable>();

  constructor(
    private readonly make: NewTable,
    private readonly engine: () => TfEngine,
  ) {}

  /**
   * The table for samples in tensors. The tensors of TensorFlow.js do not change, except that pure
   * JavaScript computes on the very array that the script may still write to: then it is compared.
   * @param isNewEpoch whether to compare
   */
  forTensors(
    inputs: readonly DataTensor[],
    key: string,
    cut: Cut,
    isNewEpoch: boolean,
  ): FeatureTable {
    const sources = cut.sources.map((at) => inputs[at] as DataTensor);
    const contents = sources.map(({ dataId }) => dataId);
    const [first] = contents;
    if (first === undefined) throw new Error('the prefix has no inputs');
    const known = this.ofTensors.get(first);
    const isSame =
      known?.table.key === key &&
      known.contents.length === contents.length &&
      known.contents.every((each, at) => each === contents[at]);
    if (isSame && !isNewEpoch) return known.table;
    const digest = this.engine().backendName === 'cpu' ? digestOf(sources) : null;
    if (isSame && digest === known.digest) return known.table;
    known?.table.dispose();
    const table = this.make(key, sources[0]?.shape[0] ?? null, () => digest ?? digestOf(sources));
    this.ofTensors.set(first, { contents, digest, table });
    return table;
  }

  /** The table for samples by their bytes. */
  forModel(model: TrackedModel, key: string): FeatureTable {
    const known = this.ofModels.get(model);
    if (known?.key === key) return known;
    known?.dispose();
    const table = this.make(key, null, () => 'by sample');
    this.ofModels.set(model, table);
    return table;
  }
}
