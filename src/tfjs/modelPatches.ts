import type { Faults } from './faults';
import type { HandClock } from './handClock';
import type { ModelRegistry } from './modelRegistry';
import { patchMethod, prototypeOf } from './patch';
import type { Preparation } from './preparation';
import type { Steps } from './steps';
import type { Bag, Method, TfModel } from './tfjsTypes';

/** Follows LayersModel and Sequential: compiled, trained batch by batch, evaluated. */
export class ModelPatches {
  private sequentials = 0;

  constructor(
    private readonly registry: ModelRegistry,
    private readonly preparation: Preparation,
    private readonly steps: Steps,
    private readonly clock: HandClock,
    private readonly faults: Faults,
    /** Gets what trains a batch of a model, and returns what stands in its place. */
    private readonly watch: (model: TfModel, train: Method) => Method = (_, train) => train,
  ) {}

  attachLayers(layers: Bag): void {
    const model = prototypeOf(layers, 'LayersModel');
    const sequential = prototypeOf(layers, 'Sequential');
    this.patchSequential(sequential);
    patchMethod(model, 'compile', (original) =>
      this.afterwards(original, (target) => {
        if (this.sequentials === 0) this.compiled(target);
      }),
    );
    this.patchTrainFunction(model);
    const evaluated = (target: TfModel): void => {
      if (!this.registry.outermost(target).isTraining && target.isTraining !== true) {
        this.clock.evaluated(this.registry.of(target));
      }
    };
    for (const name of ['evaluate', 'evaluateDataset']) {
      patchMethod(model, name, (original) => this.beforehand(original, evaluated));
    }
  }

  private patchSequential(sequential: Bag | undefined): void {
    const enter = (by: number): void => {
      this.sequentials += by;
    };
    const compiled = (target: unknown): void => {
      this.faults.run('compile', () => {
        this.compiled(target as TfModel);
      });
    };
    patchMethod(sequential, 'build', (original) =>
      this.afterwards(original, (target) => {
        if (target.model != null) this.registry.wrap(target.model, target);
      }),
    );
    patchMethod(
      sequential,
      'compile',
      (original) =>
        function (...args) {
          enter(1);
          try {
            return original.apply(this, args);
          } finally {
            enter(-1);
            if ((this as TfModel).model != null) compiled(this);
          }
        },
    );
  }

  private compiled(model: TfModel): void {
    this.registry.register(model);
    this.preparation.compiled();
  }

  /** `fit`, `fitDataset` and `trainOnBatch` all train through this function, synchronously. */
  private patchTrainFunction(model: Bag | undefined): void {
    const { steps, watch } = this;
    const trackedOf = (target: unknown): ReturnType<ModelRegistry['register']> | null =>
      this.faults.guard('training', () => this.registry.of(target as TfModel), null);
    patchMethod(
      model,
      'makeTrainFunction',
      (original) =>
        function (...args) {
          const train = watch(this as TfModel, original.apply(this, args) as Method);
          const tracked = trackedOf(this);
          return (...data: unknown[]) => steps.of(tracked, () => train(...data));
        },
    );
  }

  private afterwards(original: Method, body: (target: TfModel) => void): Method {
    const { faults } = this;
    return function (...args) {
      const result = original.apply(this, args);
      faults.run(original.name, () => {
        body(this as TfModel);
      });
      return result;
    };
  }

  private beforehand(original: Method, body: (target: TfModel) => void): Method {
    const { faults } = this;
    return function (...args) {
      faults.run(original.name, () => {
        body(this as TfModel);
      });
      return original.apply(this, args);
    };
  }
}
