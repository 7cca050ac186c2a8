import type { Rule } from '../../freeze/config';
import type { EventSink } from '../eventSink';
import type { Faults } from '../faults';
import type { ModelRegistry } from '../modelRegistry';
import { patchMethod, prototypeOf } from '../patch';
import type { Bag, FitParams, Method, TfEngine, TfModel } from '../tfjsTypes';
import type { TrackedModel } from '../trackedModel';
import type { Training } from '../training';
import type { Verifier } from '../verifier';
import { Budget } from './budget';
import { Cut } from './cut';
import { FeatureFiles } from './featureFiles';
import { FeatureTable, type TableFiles } from './featureTable';
import type { Window } from './frozenThrough';
import { KnownLayers } from './knownLayers';
import { LayerJudge } from './layerJudge';
import { ModelCache } from './modelCache';
import { Offer } from './offer';
import { findPrefix } from './prefix';
import type { MakeTensor } from './rowLayout';
import { DeliveredRun, IndexedRun, type Core, type Run, type TrainedModel } from './runs';
import { Tables } from './tables';

export interface CacheNeeds {
  readonly mode: 'off' | 'auto' | 'on';
  readonly rules: readonly Rule[];
  /** Bytes of memory for features. */
  readonly budget: number;
  /** Folder for features beyond that. */
  readonly folder: string;
  readonly registry: ModelRegistry;
  readonly training: Training;
  readonly verifier: Verifier;
  readonly sink: EventSink;
  readonly faults: Faults;
  /** tfjs-core as the script loaded it; null before that. */
  readonly core: () => Bag | null;
  readonly engine: () => TfEngine;
}

/** What `fit`, `fitDataset` and `trainOnBatch` read of a model and call on it. */
const METHODS = ['standardizeUserDataXY', 'makeTrainFunction', 'makeTestFunction', 'predictLoop'];

/**
 * Computes the outputs of a frozen prefix once for each sample. The script's own `fit`,
 * `fitDataset` and `trainOnBatch` run as they are, on a stand-in for the model that trains only
 * the rest; everybody else sees the model itself.
 */
export class FrozenCache {
  private readonly known = new KnownLayers();
  private readonly judge: LayerJudge;
  private readonly caches = new WeakMap<TrackedModel, ModelCache>();
  /** What a loop of `trainOnBatch` was last planned for. */
  private readonly planned = new WeakMap<TrackedModel, readonly unknown[]>();
  private readonly budget: Budget;
  private readonly tables: Tables;
  private readonly files: FeatureFiles;
  private readonly leaving: (() => void)[] = [];
  private readonly offer: Offer;

  constructor(private readonly needs: CacheNeeds) {
    this.judge = new LayerJudge(this.known, needs.registry, needs.rules);
    this.budget = new Budget(needs.budget);
    const make: MakeTensor = (values, shape, dtype) =>
      (this.core()['tensor'] as MakeTensor)(values, shape, dtype);
    this.files = new FeatureFiles(needs.folder, (text) => {
      needs.sink.write({ type: 'message', level: 'warning', code: 'cache-file', text });
    });
    this.tables = new Tables(
      (key, expected, data) =>
        new FeatureTable(key, expected, this.budget, make, this.filesFor(key, data)),
      needs.engine,
    );
    this.offer = this.makeOffer();
  }

  /**
   * Measures, where the cache is off, what it would gain.
   * @param train one training step of `model`. @returns what is to stand in its place
   */
  watch(model: TfModel, train: Method): Method {
    const { mode, registry, faults } = this.needs;
    if (mode !== 'off') return train;
    return faults.guard(
      'measuring the gain of the cache',
      () => {
        const tracked = registry.of(model);
        const isFrozen = tracked.tensors.some(({ tensor }) => tensor.spans.length > 0);
        return isFrozen ? this.offer.watch(model as TrainedModel, tracked, train) : train;
      },
      train,
    );
  }

  /** @param layers what tfjs-layers exports, right after it was evaluated */
  attachLayers(layers: Bag): void {
    const { mode, training } = this.needs;
    this.known.note(this.core());
    if (mode === 'off') return;
    training.verified = (model, findings, at) => {
      this.caches.get(model)?.verified(findings, at);
    };
    const model = prototypeOf(layers, 'LayersModel');
    this.patch(model, 'fit', (target, tracked, args) => {
      const cache = this.plan(target, tracked, windowOf(tracked, args[2]));
      return (
        cache && new IndexedRun(target, tracked, cache, this.tables, this.core() as unknown as Core)
      );
    });
    this.patch(model, 'fitDataset', (target, tracked, args) => {
      const cache = this.plan(target, tracked, windowOf(tracked, args[1]));
      return cache && this.delivered(target, tracked, cache);
    });
    this.patch(model, 'trainOnBatch', (target, tracked) => {
      const cache = this.planForLoop(target, tracked);
      return cache && this.delivered(target, tracked, cache);
    });
  }

  private makeOffer(): Offer {
    const { faults, engine, sink } = this.needs;
    return new Offer(
      (model, tracked) => {
        const cut = this.cut(model as TrainedModel, { from: tracked.epoch, until: null });
        return typeof cut === 'string' ? null : cut;
      },
      (tracked, { prefix }, gain) => {
        sink.write({
          type: 'cache',
          model: tracked.name,
          epoch: Math.max(1, tracked.epoch),
          state: 'offered',
          layers: prefix.layers.length,
          cut: prefix.features.map(({ sourceLayer }) => sourceLayer.name),
          reason:
            'The first layers are frozen: where the data are the same in each epoch, computing ' +
            `their outputs once makes an epoch about ${gain.toFixed(1)} times faster`,
          gain: Math.round(gain * 10) / 10,
        });
      },
      (body) => {
        faults.run('measuring the gain of the cache', body);
      },
      engine,
    );
  }

  /** The process ends: what is on the disk is left to later runs. */
  exit(): void {
    for (const leave of this.leaving.splice(0)) leave();
  }

  /** `auto` keeps to memory: whether reading from the disk pays, nobody has measured. */
  private filesFor(table: string, data: () => string): TableFiles | null {
    if (this.needs.mode !== 'on') return null;
    const { backendName } = this.needs.engine();
    return {
      files: this.files,
      key: () =>
        [table, data(), backendName, process.arch, this.core()['version_core']]
          .map(String)
          .join(' '),
      atExit: (leave) => {
        this.leaving.push(leave);
      },
    };
  }

  private patch(
    model: Bag | undefined,
    name: string,
    begin: (target: TrainedModel, tracked: TrackedModel, args: unknown[]) => Run | null,
  ): void {
    const { faults, registry } = this.needs;
    const start = (target: TrainedModel, args: unknown[]): Run | null => {
      if (target.isTraining === true) return null;
      const run = begin(target, registry.of(target), args);
      if (run !== null) registry.wrap(run.model, registry.outermost(target));
      return run;
    };
    patchMethod(
      model,
      name,
      (original: Method) =>
        function (...args) {
          const run = faults.guard('the cache', () => start(this as TrainedModel, args), null);
          if (run === null) return original.apply(this, args);
          const training = original.apply(run.model, args) as Promise<unknown>;
          return training.finally(() => {
            run.finish();
          });
        },
    );
  }

  private delivered(target: TrainedModel, tracked: TrackedModel, cache: ModelCache): Run {
    return new DeliveredRun(target, tracked, cache, this.tables, this.core() as unknown as Core);
  }

  private plan(target: TrainedModel, tracked: TrackedModel, window: Window): ModelCache | null {
    this.planned.delete(tracked);
    const cache = this.cacheOf(tracked);
    const result = this.cut(target, window);
    cache.plan(
      typeof result === 'string' ? null : result,
      typeof result === 'string' ? result : '',
    );
    cache.begin();
    return cache.active === null ? null : cache;
  }

  /** A loop by hand calls once for each batch, and nobody knows how long it goes on. */
  private planForLoop(target: TrainedModel, tracked: TrackedModel): ModelCache | null {
    const now = [target, tracked.tensors];
    const before = this.planned.get(tracked);
    const cache = this.cacheOf(tracked);
    if (before === undefined || now.some((each, at) => each !== before[at])) {
      this.plan(target, tracked, { from: Math.max(1, tracked.epoch), until: null });
      this.planned.set(tracked, now);
    }
    return cache.active === null ? null : cache;
  }

  private cut(target: TrainedModel, window: Window): Cut | string {
    const { registry, engine } = this.needs;
    const own = target as unknown as Bag;
    if (!METHODS.every((name) => typeof own[name] === 'function')) {
      return 'this version of TensorFlow.js trains in another way';
    }
    if (engine().backendName === 'webgpu') {
      return 'the engine does not hand out bytes while it trains';
    }
    const masks = this.known.masks(target);
    if (masks !== null) return masks;
    const prefix = findPrefix(target.outputs, (layer) => this.judge.judge(layer, window));
    if (prefix.kind === 'none') return prefix.reason;
    return new Cut(target, prefix, this.judge.tensorsOf(prefix.layers), registry);
  }

  private cacheOf(tracked: TrackedModel): ModelCache {
    let cache = this.caches.get(tracked);
    if (cache === undefined) {
      const { mode, verifier, sink } = this.needs;
      cache = new ModelCache(tracked, {
        mode: mode === 'on' ? 'on' : 'auto',
        verifier,
        write: (event) => {
          sink.write(event);
        },
        left: () => this.budget.left,
      });
      this.caches.set(tracked, cache);
    }
    return cache;
  }

  private core(): Bag {
    return this.needs.core() ?? {};
  }
}

/** The epochs that a call of `fit` or `fitDataset` is about to run, counted as `FitClock` does. */
function windowOf(tracked: TrackedModel, args: unknown): Window {
  const { epochs, initialEpoch } = (args ?? {}) as FitParams;
  const index = initialEpoch ?? 0;
  const offset = Math.max(1, tracked.epoch + 1 - index);
  return { from: index + offset, until: (epochs ?? 1) - 1 + offset };
}
