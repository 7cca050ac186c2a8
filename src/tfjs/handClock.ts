import type { ModelRegistry } from './modelRegistry';
import type { Clock, TrackedModel } from './trackedModel';
import type { Training } from './training';

type Rung = TrackedModel['rung'];

const RANK: Readonly<Record<Rung, number>> = { steps: 1, evaluate: 2, dataset: 3 };
/** So many times `epochSteps` a pass over a dataset of unknown length may take. */
const PATIENCE = 10;

/**
 * Tells epochs in training loops written by hand. The best sign that the script gives counts: the
 * end of a pass over a tf.data dataset, else a call of `evaluate()`, else a number of steps.
 */
export class HandClock {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly training: Training,
    private readonly epochSteps: number,
    /** Whether a pass over a dataset is feeding the loop, and whether it is known to end. */
    private readonly passUnderWay: () => 'none' | 'finite' | 'unknown',
  ) {}

  /** Before an optimizer step: the first one of an epoch begins it. */
  beforeStep(model: TrackedModel): void {
    if (this.isFull(model)) this.endTogether(model, 'steps');
    if (model.open !== null || model.isFitting()) return;
    this.training.begin(model, {
      epoch: model.epoch + 1,
      epochs: null,
      clock: model.rung,
      batches: model.rung === 'steps' ? this.epochSteps : null,
    });
  }

  afterStep(model: TrackedModel): void {
    this.training.step(model);
    if (!this.isFull(model)) return;
    // A model that shares tensors may step in the same round of the loop, after this one: it has
    // time for that until this one steps again.
    const sharing = [...this.registry.sharing(model)].filter(
      (each) => isByHand(each) && each.rung === 'steps',
    );
    if (sharing.every((each) => this.isFull(each))) this.endTogether(model, 'steps');
  }

  /** Whether the epoch of `model` has all its steps, where only their number tells its end. */
  private isFull(model: TrackedModel): boolean {
    const steps = model.open?.steps ?? 0;
    if (!isByHand(model) || model.isFitting() || model.rung !== 'steps') return false;
    if (steps < this.epochSteps) return false;
    const pass = this.passUnderWay();
    if (pass === 'finite') return false;
    return steps >= this.epochSteps * (pass === 'unknown' ? PATIENCE : 1);
  }

  /** A pass over a dataset has ended, with steps in it. */
  passEnded(): void {
    for (const model of this.registry.models) this.endByHand(model, 'dataset');
  }

  /** The script evaluates `model` outside `fit`. */
  evaluated(model: TrackedModel): void {
    if (this.passUnderWay() !== 'none') return;
    this.endTogether(model, 'evaluate');
  }

  /** Its tensors are about to be disposed: what has not been verified yet must be now. */
  disposing(model: TrackedModel): void {
    if (!isByHand(model)) return;
    this.training.end(model, 'exit');
  }

  /** Models that share tensors (GAN) step in one loop, so their epochs end together. */
  private endTogether(model: TrackedModel, rung: Rung): void {
    for (const each of this.registry.sharing(model)) this.endByHand(each, rung);
  }

  private endByHand(model: TrackedModel, rung: Rung): void {
    if (!isByHand(model) || RANK[model.rung] > RANK[rung]) return;
    model.rung = rung;
    this.training.end(model, rung satisfies Clock);
  }
}

function isByHand(model: TrackedModel): boolean {
  return model.open !== null && model.open.clock !== 'fit' && model.open.steps > 0;
}
