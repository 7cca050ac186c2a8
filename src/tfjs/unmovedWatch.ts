import { fingerprint } from './references';
import type { Reader } from './tensorBytes';
import type { TrackedModel } from './trackedModel';
import type { TfVariable } from './tfjsTypes';

/** So many bytes of each tensor are kept; almost every tensor that trains differs in them. */
const SAMPLE = 64;

interface Start {
  readonly sample: Buffer;
  readonly digest: Buffer;
}

/**
 * Finds parameters that the script trains and that never move. Each is read until it has moved
 * for the first time, which usually is the first epoch, and costs nothing after that.
 */
export class UnmovedWatch {
  private readonly starts = new WeakMap<TfVariable, Start>();
  private readonly moved = new WeakSet<TfVariable>();

  /** Remembers how the trainable parameters of `model` begin. */
  begin(model: TrackedModel, read: Reader): void {
    for (const variable of this.candidates(model)) {
      if (this.starts.has(variable)) continue;
      const now = read(variable);
      if (now.kind !== 'bytes') continue;
      const sample = Buffer.from(now.bytes.subarray(0, SAMPLE));
      this.starts.set(variable, { sample, digest: fingerprint(now.bytes) });
    }
  }

  /** Names of the trainable parameters of `model` whose bytes are those of the beginning. */
  unmoved(model: TrackedModel, read: Reader): readonly string[] {
    const candidates = this.candidates(model);
    return model.tensors
      .filter(({ tensor: { variable, frozen } }) => {
        if (frozen || !candidates.has(variable)) return false;
        const start = this.starts.get(variable);
        const now = read(variable);
        if (start === undefined || now.kind !== 'bytes') return false;
        const still =
          now.bytes.subarray(0, SAMPLE).equals(start.sample) &&
          fingerprint(now.bytes).equals(start.digest);
        if (!still) this.moved.add(variable);
        return still;
      })
      .map(({ info }) => info.name);
  }

  private candidates(model: TrackedModel): ReadonlySet<TfVariable> {
    const trained = model.trainedByScript();
    const parameters = model.tensors
      .filter(({ info, tensor: { variable } }) => {
        if (info.kind !== 'parameter' || variable.isDisposed) return false;
        return trained.has(variable) && !this.moved.has(variable);
      })
      .map(({ tensor }) => tensor.variable);
    return new Set(parameters);
  }
}
