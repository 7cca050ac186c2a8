import type { Comparison, Proofs } from './proof/proofs';
import type { Reference } from './references';
import { isDisposed, type TrackedModel } from './trackedModel';
import type { TfVariable } from './tfjsTypes';

/**
 * Finds parameters that the script trains and that never move. Each is looked at until it has moved
 * for the first time, which usually is the first epoch, and costs nothing after that.
 */
export class UnmovedWatch {
  private readonly starts = new WeakMap<TfVariable, Reference>();
  private readonly moved = new WeakSet<TfVariable>();

  constructor(private readonly proofs: Proofs) {}

  /** Remembers how the trainable parameters of `model` begin. */
  begin(model: TrackedModel): void {
    for (const variable of this.candidates(model)) {
      if (!this.starts.has(variable)) this.starts.set(variable, this.proofs.fingerprint(variable));
    }
  }

  /** Names of the trainable parameters of `model` whose bytes are those of the beginning. */
  unmoved(model: TrackedModel): readonly string[] {
    return this.watched(model)
      .filter(({ variable, start }) => this.isStill(variable, this.proofs.compare(variable, start)))
      .map(({ name }) => name);
  }

  /** As `unmoved`, for the bytes at the time of the call, without blocking on an accelerator. */
  async unmovedLater(model: TrackedModel): Promise<readonly string[]> {
    const pending = this.watched(model).map(({ name, variable, start }) => ({
      ...{ name, variable },
      compare: this.proofs.compareLater(variable, start),
    }));
    const unmoved: string[] = [];
    for (const { name, variable, compare } of pending) {
      if (this.isStill(variable, await compare())) unmoved.push(name);
    }
    return unmoved;
  }

  private isStill(variable: TfVariable, { kind }: Comparison): boolean {
    if (kind === 'different') this.moved.add(variable);
    return kind === 'equal';
  }

  private watched(
    model: TrackedModel,
  ): readonly { name: string; variable: TfVariable; start: Reference }[] {
    const candidates = this.candidates(model);
    return model.tensors.flatMap(({ info: { name }, tensor: { variable, frozen } }) => {
      const start = this.starts.get(variable);
      if (frozen || start === undefined || !candidates.has(variable)) return [];
      return [{ name, variable, start }];
    });
  }

  private candidates(model: TrackedModel): ReadonlySet<TfVariable> {
    const trained = model.trainedByScript();
    const parameters = model.tensors
      .filter(({ info, tensor }) => {
        if (info.kind !== 'parameter' || isDisposed(tensor)) return false;
        return trained.has(tensor.variable) && !this.moved.has(tensor.variable);
      })
      .map(({ tensor }) => tensor.variable);
    return new Set(parameters);
  }
}
