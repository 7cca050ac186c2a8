import type { EventSink } from './eventSink';
import type { Faults } from './faults';
import type { ModelRegistry } from './modelRegistry';
import { patchInherited } from './patch';
import type { Steps } from './steps';
import { isVariable, type Method, type TfEngine, type TfVariable } from './tfjsTypes';

type Gradients = ReturnType<TfEngine['gradients']>;

/**
 * TensorFlow.js inside the script's own bundle: no module of it can be seen, only the engine. Its
 * `gradients` is where training passes, so variables are frozen, counted and compared from there,
 * under the names that tfjs-core knows. What layers and optimizers do is out of reach.
 */
export class BundledScript {
  private told = false;

  constructor(
    private readonly registry: ModelRegistry,
    private readonly steps: Steps,
    private readonly sink: EventSink,
    private readonly faults: Faults,
    /** Watches assignments, given the class of the variables. */
    private readonly watchVariables: (prototype: unknown) => void,
  ) {}

  /** @param isModular whether the modules of TensorFlow.js are known, so that nothing is to do */
  attach(engine: TfEngine, isModular: () => boolean): void {
    const gradients = (plain: Method, target: unknown, args: unknown[]): unknown =>
      this.gradients(plain, target as TfEngine, args);
    patchInherited(
      engine,
      'gradients',
      (original) =>
        function (...args) {
          return isModular() ? original.apply(this, args) : gradients(original, this, args);
        },
    );
  }

  private gradients(plain: Method, engine: TfEngine, args: unknown[]): unknown {
    const [loss, inputs, ...rest] = args;
    const variables = (Array.isArray(inputs) ? (inputs as unknown[]) : []).filter(isVariable);
    const [first] = variables;
    if (first === undefined) return plain.apply(engine, args);
    this.faults.run('a bundled script', () => {
      this.tell(first);
    });
    return this.steps.run(engine, variables, false, () => {
      const kept = variables.filter((variable) => !this.registry.isFrozen(variable));
      if (kept.length === variables.length || kept.length === 0) return plain.apply(engine, args);
      const { value, grads } = plain.apply(engine, [loss, kept, ...rest]) as Gradients;
      const byVariable = new Map(kept.map((variable, index) => [variable, grads[index]]));
      return { value, grads: (inputs as TfVariable[]).map((each) => byVariable.get(each)) };
    });
  }

  private tell(variable: TfVariable): void {
    if (this.told) return;
    this.told = true;
    this.watchVariables(Object.getPrototypeOf(variable));
    this.sink.write({
      type: 'message',
      level: 'warning',
      code: 'bundled',
      text:
        'TensorFlow.js is part of the script’s own bundle: its tensors are known by variable ' +
        'names only, frozen BatchNormalization statistics stay but it normalises with those of the ' +
        'batch, and epochs are counted by optimizer steps',
      advice:
        'Leave @tensorflow/tfjs out of the bundle (esbuild: --external:@tensorflow/tfjs) for names by layer.',
    });
  }
}
