import type { Faults } from './faults';
import { patchMethod, prototypeOf } from './patch';
import { isBag, type Bag, type TfDataset, type TfIterator } from './tfjsTypes';

/** A pass over one dataset. */
interface Pass {
  readonly dataset: object;
  readonly isFinite: boolean;
  /** Optimizer steps done when the pass began to deliver. */
  stepsBefore: number | null;
  /** Optimizer steps done when it was last asked for a batch. */
  stepsAtLast: number;
}

/** A pass that was not asked for a batch in so many steps does not feed the loop any more. */
const STALE = 20;

/**
 * Watches passes over tf.data datasets: the end of one with optimizer steps in it is the end of an
 * epoch. Only the dataset that the script itself iterates counts, not those that it was derived
 * from by `batch`, `shuffle` and the like, which may be read ahead.
 */
export class DatasetPasses {
  private readonly derivedFrom = new WeakSet();
  private readonly open = new WeakMap<object, Pass>();
  private latest: Pass | null = null;

  constructor(
    /** A pass with optimizer steps in it has ended. */
    private readonly ended: () => void,
    /** How many optimizer steps the process has done. */
    private readonly steps: () => number,
    private readonly faults: Faults,
  ) {}

  /** Whether a pass is feeding the training loop, and whether it is known to end. */
  underWay(): 'none' | 'finite' | 'unknown' {
    const { latest } = this;
    if (latest === null || this.steps() - latest.stepsAtLast > STALE) return 'none';
    return latest.isFinite ? 'finite' : 'unknown';
  }

  attach(data: Bag): void {
    const prototype = prototypeOf(data, 'Dataset');
    const watch = (dataset: unknown, base: unknown): void => {
      this.faults.run('watching datasets', () => {
        if (isBag(base)) this.derivedFrom.add(base);
        this.watch(dataset);
      });
    };
    for (const name of Object.keys(METHODS)) {
      patchMethod(
        prototype,
        name,
        (original) =>
          function (...args) {
            const derived = original.apply(this, args);
            watch(derived, this);
            return derived;
          },
      );
    }
    for (const name of FACTORIES) {
      patchMethod(
        data,
        name,
        (original) =>
          function (...args) {
            const dataset = original.apply(this, args);
            for (const base of name === 'zip' && isBag(args[0]) ? Object.values(args[0]) : []) {
              watch(null, base);
            }
            watch(dataset, null);
            return dataset;
          },
      );
    }
  }

  private watch(dataset: unknown): void {
    if (!isBag(dataset)) return;
    // tfjs-data makes a class of its own for each dataset, so this touches no other.
    const owner: unknown = Object.getPrototypeOf(dataset);
    const started = (target: TfDataset, iterator: TfIterator): void => {
      this.faults.run('the start of a dataset', () => {
        this.started(target, iterator);
      });
    };
    patchMethod(
      owner,
      'iterator',
      (original) =>
        async function (...args) {
          const iterator = (await original.apply(this, args)) as TfIterator;
          started(this as TfDataset, iterator);
          return iterator;
        },
    );
  }

  private started(dataset: TfDataset, iterator: TfIterator): void {
    if (this.derivedFrom.has(dataset)) return;
    const earlier = this.open.get(dataset);
    if (earlier !== undefined) this.finish(earlier);
    const size = (dataset as { size?: unknown }).size;
    const pass: Pass = {
      dataset,
      isFinite: Number.isFinite(size),
      stepsBefore: null,
      stepsAtLast: 0,
    };
    this.open.set(dataset, pass);
    const original = iterator.next.bind(iterator);
    const [begin, finish] = [
      (): void => {
        this.deliver(pass, size === Infinity);
      },
      (): void => {
        this.finish(pass);
      },
    ];
    iterator.next = async () => {
      begin();
      const result = await original();
      if (result.done) finish();
      return result;
    };
  }

  private deliver(pass: Pass, isEndless: boolean): void {
    const steps = this.steps();
    pass.stepsBefore ??= steps;
    pass.stepsAtLast = steps;
    if (!isEndless) this.latest = pass;
  }

  private finish(pass: Pass): void {
    if (this.open.get(pass.dataset) !== pass) return;
    this.open.delete(pass.dataset);
    if (this.latest === pass) this.latest = null;
    if (pass.stepsBefore !== null && this.steps() > pass.stepsBefore) this.ended();
  }
}

/** Methods that make a dataset of another. */
const METHODS = {
  batch: true,
  concatenate: true,
  filter: true,
  map: true,
  mapAsync: true,
  prefetch: true,
  repeat: true,
  shuffle: true,
  skip: true,
  take: true,
};
const FACTORIES = ['array', 'generator', 'csv', 'zip', 'func'];
