import type { Discovery } from './discovery';
import type { Faults } from './faults';
import type { HandClock } from './handClock';
import type { Preparation } from './preparation';
import type { TfEngine, TfVariable } from './tfjsTypes';
import type { TrackedModel } from './trackedModel';

/**
 * Brackets optimizer steps: whose they are, and that epochs begin and end with them. TensorFlow.js
 * computes gradients and applies them synchronously, so a plain field tells what is under way.
 */
export class Steps {
  /** Whether gradients are being computed or applied right now. */
  depth = 0;
  /** Steps that this process has done. */
  count = 0;
  private current: TrackedModel | null = null;
  /** Models whose gradients the script took into its own hands. */
  private pending: readonly TrackedModel[] = [];

  constructor(
    private readonly discovery: Discovery,
    private readonly preparation: Preparation,
    private readonly clock: HandClock,
    private readonly faults: Faults,
  ) {}

  /** Runs `action` as training of `model`: what it steps belongs to no other model. */
  of<T>(model: TrackedModel | null, action: () => T): T {
    const outer = this.current;
    this.current = model ?? outer;
    try {
      return action();
    } finally {
      this.current = outer;
    }
  }

  /**
   * Runs one optimizer step, or a computation of gradients that leads to one.
   * @param variables what it trains; null for everything trainable
   * @param counts whether it is a step of its own
   */
  run<T>(
    engine: TfEngine,
    variables: readonly TfVariable[] | null,
    counts: boolean,
    action: () => T,
  ): T {
    if (this.depth > 0) return action();
    const models = this.faults.guard(
      'the start of a step',
      () => this.begin(engine, variables),
      [],
    );
    this.depth++;
    let result: T;
    try {
      result = action();
    } finally {
      this.depth--;
    }
    if (counts)
      this.faults.run('the end of a step', () => {
        this.end(models);
      });
    else this.pending = models;
    return result;
  }

  /**
   * The script assigned to a variable itself. Right after it had gradients computed, this is a
   * training step written by hand.
   */
  assigned(): void {
    if (this.depth === 0 && this.pending.length > 0) this.end(this.pending);
  }

  private begin(
    engine: TfEngine,
    variables: readonly TfVariable[] | null,
  ): readonly TrackedModel[] {
    const models =
      this.current === null ? this.discovery.modelsOf(variables, engine) : [this.current];
    this.preparation.prepare(models);
    for (const model of models) this.clock.beforeStep(model);
    return models;
  }

  private end(models: readonly TrackedModel[]): void {
    this.pending = [];
    this.count++;
    for (const model of models) this.clock.afterStep(model);
  }
}
