import { behind } from './cache/standIn';
import type { Faults } from './faults';
import type { ModelRegistry } from './modelRegistry';
import { patchMethod, prototypeOf } from './patch';
import type { Preparation } from './preparation';
import { isBag, isTensor, type Bag, type FitParams, type TfModel } from './tfjsTypes';
import type { TrackedModel } from './trackedModel';
import { toMetrics, type Training } from './training';

interface Fit {
  params: FitParams;
  model: TrackedModel | null;
  /** What makes the number of an epoch of its index; earlier fits have counted before. */
  offset: number | null;
  /** How many epochs there will be, counted with those of earlier fits; null when unknown. */
  total: number | null;
}

/**
 * Tells epochs in `fit` and `fitDataset` from the list of callbacks that they both drive. An
 * epoch begins before the script's callbacks and ends after them, so that what they do to the
 * weights is seen.
 */
export class FitClock {
  private readonly fits = new WeakMap<object, Fit>();

  constructor(
    private readonly registry: ModelRegistry,
    private readonly preparation: Preparation,
    private readonly training: Training,
    private readonly faults: Faults,
  ) {}

  attachLayers(layers: Bag): void {
    const list = prototypeOf(layers, 'CallbackList');
    const fitOf = (target: unknown): Fit => this.fitOf(target);
    const { faults } = this;
    patchMethod(
      list,
      'setParams',
      (original) =>
        function (...args) {
          if (isBag(args[0])) fitOf(this).params = args[0];
          return original.apply(this, args);
        },
    );
    const setModel = (target: unknown, model: unknown): void => {
      faults.guard(
        'fit',
        () => (fitOf(target).model = this.registry.register(model as TfModel)),
        null,
      );
    };
    patchMethod(
      list,
      'setModel',
      (original) =>
        function (...args) {
          const model = behind(args[0]);
          setModel(this, model);
          return original.apply(this, [model, ...args.slice(1)]);
        },
    );
    const before = (target: unknown, index: unknown): Promise<void> =>
      faults.guardAsync('the start of an epoch', () => this.epochBegins(fitOf(target), index));
    patchMethod(
      list,
      'onEpochBegin',
      (original) =>
        async function (...args) {
          await before(this, args[0]);
          return original.apply(this, args);
        },
    );
    const after = (target: unknown, logs: unknown): Promise<void> =>
      faults.guardAsync('the end of an epoch', () => this.epochEnds(fitOf(target), logs));
    patchMethod(
      list,
      'onEpochEnd',
      (original) =>
        async function (...args) {
          const result = await original.apply(this, args);
          await after(this, args[1]);
          return result;
        },
    );
  }

  private fitOf(target: unknown): Fit {
    if (!isBag(target)) return newFit();
    let fit = this.fits.get(target);
    if (fit === undefined) {
      fit = newFit();
      this.fits.set(target, fit);
    }
    return fit;
  }

  private async epochBegins(fit: Fit, at: unknown): Promise<void> {
    const { model, params } = fit;
    if (model === null) return;
    this.preparation.prepare([model]);
    const index = typeof at === 'number' ? at : 0;
    const { epochs, steps, samples, batchSize } = params;
    if (fit.offset === null) {
      fit.offset = Math.max(1, model.epoch + 1 - index);
      // One more of a loop of one-epoch fits: how many will follow, only the script knows.
      fit.total =
        epochs == null || (model.epoch > 0 && epochs === index + 1)
          ? null
          : epochs + fit.offset - 1;
    }
    await this.training.beginAsync(model, {
      epoch: index + fit.offset,
      epochs: fit.total,
      clock: 'fit',
      batches: steps ?? (samples && batchSize ? Math.ceil(samples / batchSize) : null),
    });
  }

  private async epochEnds({ model }: Fit, logs: unknown): Promise<void> {
    if (model === null) return;
    const entries = Object.entries(isBag(logs) ? logs : {});
    const values = entries.map(async ([key, value]) => [key, await numberOf(value)] as const);
    await this.training.endAsync(model, toMetrics(await Promise.all(values)));
  }
}

const newFit = (): Fit => ({ params: {}, model: null, offset: null, total: null });

/** Logs hold numbers, or scalars that the script's callbacks have not asked for. */
async function numberOf(value: unknown): Promise<unknown> {
  if (!isTensor(value)) return value;
  if (value.isDisposed) return null;
  const data = await value.data();
  return ArrayBuffer.isView(data) ? (data as Float32Array)[0] : null;
}
