import type { Cause } from '../runs/events';
import type { Faults } from './faults';
import type { ModelRegistry } from './modelRegistry';
import { patchInherited, patchMethod, prototypeOf } from './patch';
import { scriptFrame } from './scriptFrame';
import { isVariable, type Bag, type Method, type TfVariable } from './tfjsTypes';
import type { Steps } from './steps';
import type { Verifier } from './verifier';
import type { WatchedTensor } from './trackedModel';

type Activity = Extract<Cause['kind'], 'optimizer' | 'batch-norm' | 'set-weights' | 'load'>;

const TEXTS = {
  optimizer: 'the optimizer assigned it',
  'batch-norm': 'BatchNormalization updated its running statistics',
  'set-weights': 'setWeights() was called',
  load: 'loadWeights() was called',
  assign: 'assign() was called',
} as const;

/**
 * Notices who assigns to frozen variables, and where in the script. A load is accepted as a new
 * reference; any other assignment of different bytes is remembered as the cause of a movement.
 */
export class Causes {
  private readonly activities: Activity[] = [];

  constructor(
    private readonly registry: ModelRegistry,
    private readonly verifier: Verifier,
    private readonly steps: Steps,
    private readonly faults: Faults,
  ) {}

  attachCore(core: Bag): void {
    this.watchVariables(prototypeOf(core, 'Variable'));
  }

  /**
   * @param prototype of tfjs-core's `Variable`
   * @param refuses whether an assignment that is about to happen must not
   */
  watchVariables(prototype: unknown, refuses = (_: TfVariable): boolean => false): void {
    const noticed = (variable: unknown): void => {
      const tensor = isVariable(variable) ? this.registry.watched(variable) : undefined;
      if (tensor === undefined) return;
      this.faults.run('watching assignments', () => {
        if (this.activities.length === 0) this.steps.assigned();
        if (tensor.frozen) this.notice(tensor);
      });
    };
    patchMethod(
      prototype,
      'assign',
      (original) =>
        function (...args) {
          if (refuses(this as TfVariable)) return undefined;
          const result = original.apply(this, args);
          noticed(this);
          return result;
        },
    );
  }

  attachLayers(layers: Bag): void {
    const model = prototypeOf(layers, 'LayersModel');
    patchInherited(model, 'loadWeights', (original) => this.during('load', original));
    patchInherited(model, 'setWeights', (original) => this.during('set-weights', original));
  }

  /** A method that is `activity` as long as it runs. */
  during(activity: Activity, original: Method): Method {
    const { activities } = this;
    return function (...args) {
      activities.push(activity);
      try {
        return original.apply(this, args);
      } finally {
        activities.pop();
      }
    };
  }

  private notice(tensor: WatchedTensor): void {
    if (tensor.reference === null) return;
    if (this.verifier.isIntact(tensor) === true) {
      tensor.cause = null;
      return;
    }
    for (const { model } of tensor.homes) model.touched = true;
    const cause = this.cause();
    if (cause.kind === 'load') {
      this.verifier.loaded(tensor, cause);
    } else {
      tensor.cause ??= cause;
    }
  }

  private cause(): Cause {
    const idle = this.steps.depth > 0 ? 'optimizer' : 'assign';
    const kind = this.activities.includes('load') ? 'load' : (this.activities.at(-1) ?? idle);
    return { kind, text: TEXTS[kind], ...scriptFrame() };
  }
}
